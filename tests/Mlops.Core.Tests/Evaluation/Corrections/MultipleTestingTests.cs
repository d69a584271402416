using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class MultipleTestingTests
{
    /// <summary>As R's <c>p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")</c>.</summary>
    [Fact]
    public void Adjust_KnownExample_IsRight()
        => Assert.Equal([0.03, 0.06, 0.06, 0.02], MultipleTesting.Adjust([0.01, 0.04, 0.03, 0.005], Correction.Holm).Select(p => Math.Round(p, 12)));

    [Fact]
    public void Adjust_LargeNumbers_StayAtOne() => Assert.Equal([1, 1], MultipleTesting.Adjust([0.9, 0.6], Correction.Holm));

    [Theory]
    [MemberData(nameof(Corrections))]
    public void Adjust_AnyOrder_GivesTheSame(Correction correction)
    {
        double[] pValues = [0.2, 0.01, 0.7, 0.01, 0.03, 0.02];
        var adjusted = MultipleTesting.Adjust(pValues, correction);
        var reversed = MultipleTesting.Adjust([.. pValues.Reverse()], correction);
        Assert.Equal(adjusted, reversed.Reverse());
        Assert.All(adjusted.Zip(pValues), pair => Assert.InRange(pair.First, pair.Second, 1));
    }

    [Theory]
    [MemberData(nameof(Corrections))]
    public void Adjust_NothingOrOne_IsAsItWas(Correction correction)
    {
        Assert.Empty(MultipleTesting.Adjust([], correction));
        Assert.Equal(0.03, MultipleTesting.Adjust([0.03], correction)[0], 1e-15);
        Assert.Equal([0, 1], MultipleTesting.Adjust([0, 1], correction));
    }

    [Theory]
    [MemberData(nameof(Corrections))]
    public void Adjust_NoEffectAnywhere_KeepsTheErrorRate(Correction correction)
    {
        if (correction == Correction.None) return;
        // Without any effect, a false-discovery rate is the probability of any false alarm too.
        const int Trials = 2000;
        var random = new Random(7);
        var alarms = Enumerable.Range(0, Trials).Count(_ => MultipleTesting.Adjust([.. Enumerable.Range(0, 20).Select(_ => random.NextDouble())], correction).Min() <= 0.05);
        Assert.InRange(alarms, 1, (0.05 * Trials) + (4 * Math.Sqrt(0.05 * 0.95 * Trials)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    public void Adjust_NotAPValue_Throws(double pValue)
        => Assert.Throws<ArgumentOutOfRangeException>(() => MultipleTesting.Adjust([0.5, pValue], Correction.Holm));

    [Fact]
    public void Adjust_UnknownCorrection_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => MultipleTesting.Adjust([0.5], (Correction)99));

    public static TheoryData<Correction> Corrections => [.. Enum.GetValues<Correction>()];
}
