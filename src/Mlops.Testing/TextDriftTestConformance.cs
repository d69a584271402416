using Mlops.Monitoring;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every drift test on texts keeps to: a verdict for any data, few false alarms, and the power to find a clear change.</summary>
public abstract class TextDriftTestConformance
{
    private const int Trials = 200;
    private const int TrialTexts = 100;

    /// <summary>Creates the test.</summary>
    /// <returns>The test.</returns>
    protected abstract ITextDriftTest CreateTest();

    /// <summary>Without drift, a test at 5 % raises about 5 % false alarms, not several times that.</summary>
    [Fact]
    public void Test_SamePopulation_RaisesFewFalseAlarms()
    {
        var (test, alarms) = (CreateTest(), 0);
        var options = new DriftTestOptions { MinimumEffect = 0 };
        for (var trial = 0; trial < Trials; trial++)
            alarms += test.Test(Texts(2 * trial, TrialTexts), Texts((2 * trial) + 1, TrialTexts), options).Verdict == DriftVerdict.Drift ? 1 : 0;

        // Three standard deviations of the count above its expectation.
        var limit = (0.05 * Trials) + (3 * Math.Sqrt(0.05 * 0.95 * Trials));
        Assert.True(alarms <= limit, $"{alarms} of {Trials} without drift");
    }

    /// <summary>Texts that are longer and of other words are found.</summary>
    [Fact]
    public void Test_ClearChange_FindsIt()
    {
        for (var trial = 0; trial < 10; trial++)
        {
            var result = CreateTest().Test(Texts(2 * trial, 2 * TrialTexts), Texts((2 * trial) + 1, 2 * TrialTexts, true));
            Assert.True(result.Verdict == DriftVerdict.Drift, result.ToString());
            if (result.EffectInterval is { } interval) Assert.InRange(result.Effect!.Value, interval.Lower, interval.Upper);
        }
    }

    /// <summary>A difference below the minimum effect is not drift, however certain it is.</summary>
    [Fact]
    public void Test_EffectBelowMinimum_IsNoDrift()
        => Assert.Equal(DriftVerdict.NoDrift, CreateTest().Test(Texts(1, TrialTexts), Texts(2, TrialTexts, true), new DriftTestOptions { MinimumEffect = 1e6 }).Verdict);

    /// <summary>Too few texts are said to be too few; missing ones do not count.</summary>
    /// <param name="count">The number of texts.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(19)]
    public void Test_TooFewTexts_SaysSo(int count)
    {
        var (many, few) = (Texts(1, 100), (string?[])[.. Texts(2, count), .. new string?[100]]);
        Assert.All([CreateTest().Test(many, few), CreateTest().Test(few, many), CreateTest().Test(few, few)], result =>
        {
            Assert.Equal(DriftVerdict.NotEnoughData, result.Verdict);
            Assert.Null(result.PValue);
            Assert.NotEmpty(result.Reason);
        });
    }

    /// <summary>Few texts, where so few are allowed, give a verdict.</summary>
    /// <param name="count">The number of texts.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Test_FewTextsAllowed_GivesVerdict(int count)
        => RequireFinite(CreateTest().Test(Texts(1, count), Texts(2, count), new DriftTestOptions { MinimumCount = 1 }));

    /// <summary>Equal texts, and texts without any word, are no drift, or not computable.</summary>
    /// <param name="text">The text.</param>
    [Theory]
    [InlineData("the same")]
    [InlineData("")]
    [InlineData("?!")]
    [InlineData("\uD800")]
    public void Test_AllEqual_IsNoDrift(string text)
    {
        string?[] equal = [.. Enumerable.Repeat(text, 100)];
        var result = CreateTest().Test(equal, equal);
        Assert.True(result.Verdict is DriftVerdict.NoDrift or DriftVerdict.NotComputable, result.ToString());
    }

    /// <summary>Texts against none of a word, and missing ones among others, give finite figures.</summary>
    [Fact]
    public void Test_StrangeTexts_GivesFiniteFigures()
    {
        string?[] strange = [.. Enumerable.Range(0, 100).Select(i => (i % 4) switch { 0 => null, 1 => "", 2 => "\uDC00\uD83D\uDE00 \0", _ => new string('x', 5000) })];
        RequireFinite(CreateTest().Test(Texts(1, 100), strange));
        RequireFinite(CreateTest().Test(strange, Texts(1, 100)));
    }

    /// <summary>The same texts give the same result, in whatever order they come.</summary>
    [Fact]
    public void Test_SameTextsInAnotherOrder_GivesSameResult()
    {
        var (reference, current) = (Texts(1, 100), Texts(2, 100, true));
        var result = CreateTest().Test(reference, current);
        Assert.Equal(result, CreateTest().Test(reference, current));
        Assert.Equal(result, CreateTest().Test(reference, [.. current.Reverse()]));
    }

    /// <summary>The reason never holds a word of the texts.</summary>
    [Fact]
    public void Test_ClearChange_KeepsTextsToItself()
        => Assert.DoesNotContain("secretword", CreateTest().Test(Texts(1, 100), [.. Enumerable.Repeat("secretword secretword secretword", 100)]).ToString(), StringComparison.Ordinal);

    /// <summary>Cancelling ends the computation.</summary>
    [Fact]
    public void Test_Cancelled_Throws()
        => Assert.ThrowsAny<OperationCanceledException>(() => CreateTest().Test(Texts(1, 100), Texts(2, 100), null, new CancellationToken(true)));

    private static void RequireFinite(DriftResult result)
    {
        Assert.True(Enum.IsDefined(result.Verdict));
        Assert.NotEmpty(result.Reason);
        Assert.All(new[] { result.Statistic, result.PValue, result.Effect, result.Threshold }, figure => Assert.True(figure is null || double.IsFinite(figure.Value)));
        Assert.True(result.PValue is null or (>= 0 and <= 1), result.ToString());
    }

    private static string?[] Texts(int seed, int count, bool isChanged = false)
    {
        // Random of neighbouring seeds is not independent, so they are spread.
        var random = new Random((int)((seed + 1) * 2654435761L % int.MaxValue));
        var texts = new string?[count];
        for (var i = 0; i < count; i++)
        {
            // Few words are frequent and many are rare, as in any language.
            string Word() => $"word{Math.Floor(400 * Math.Pow(random.NextDouble(), 3)) + (isChanged && random.Next(2) == 0 ? 500 : 0)}";
            texts[i] = string.Join(' ', Enumerable.Range(0, random.Next(3, 20) * (isChanged ? 2 : 1)).Select(_ => Word()));
        }

        return texts;
    }
}
