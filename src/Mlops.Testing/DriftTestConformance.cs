using Mlops.Data;
using Mlops.Monitoring;
using Mlops.Profiles;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every drift test keeps to: a verdict for any data, few false alarms, and the power to find a clear shift.</summary>
public abstract class DriftTestConformance
{
    private const int Trials = 400;
    private const int TrialRows = 200;

    /// <summary>Gets all verdicts that are allowed where the data are too few or too strange.</summary>
    private static readonly DriftVerdict[] s_untestable = [DriftVerdict.NotEnoughData, DriftVerdict.NotComputable];

    /// <summary>Creates the test.</summary>
    /// <returns>The test.</returns>
    protected abstract IDriftTest CreateTest();

    /// <summary>Makes the profile of a column from numbers: as they are, or as categories, where the test is for those.</summary>
    /// <param name="values">The numbers, NaN for missing ones.</param>
    /// <returns>The profile.</returns>
    protected virtual ColumnProfile CreateProfile(double[] values)
    {
        var profile = new ColumnProfile("column", ElementType.Float64);
        profile.Add(values);
        return profile;
    }

    /// <summary>Makes a category from a number, for tests of categories.</summary>
    /// <param name="value">The number, which is not missing.</param>
    /// <returns>The category, 0..<see cref="CategoryCount"/> − 1.</returns>
    protected virtual int GetCategory(double value) => (int)Math.Clamp(Math.Round(value), -2, 2) + 2;

    /// <summary>Gets the number of categories that <see cref="GetCategory"/> makes.</summary>
    protected virtual int CategoryCount => 5;

    /// <summary>Gets whether equal, infinite and missing values are beside the test's point, so that their verdict is not looked at.</summary>
    protected virtual bool IsAboutPresence => false;

    /// <summary>Without drift, a test at 5 % raises about 5 % false alarms, not several times that.</summary>
    [Fact]
    public void Test_SamePopulation_RaisesFewFalseAlarms()
    {
        var options = new DriftTestOptions { MinimumEffect = 0 };
        var alarms = new Dictionary<string, int>();
        for (var trial = 0; trial < Trials; trial++)
        {
            var reference = Normal(2 * trial, TrialRows, 0);
            var current = Normal((2 * trial) + 1, TrialRows, 0);
            foreach (var (face, result) in RunAll(reference, current, options))
                alarms[face] = alarms.GetValueOrDefault(face) + (result.Verdict == DriftVerdict.Drift ? 1 : 0);
        }

        // Three standard deviations of the count above its expectation.
        var limit = (0.05 * Trials) + (3 * Math.Sqrt(0.05 * 0.95 * Trials));
        Assert.All(alarms, pair => Assert.True(pair.Value <= limit, $"{pair.Key}: {pair.Value} of {Trials} without drift"));
    }

    /// <summary>A shift by one standard deviation is found.</summary>
    [Fact]
    public void Test_ClearShift_FindsIt()
    {
        for (var trial = 0; trial < 20; trial++)
        {
            var reference = Normal(2 * trial, TrialRows, 0);
            var current = Normal((2 * trial) + 1, TrialRows, 1);
            Assert.All(RunAll(reference, current, null), run => Assert.Equal(DriftVerdict.Drift, run.Result.Verdict));
        }
    }

    /// <summary>A difference below the minimum effect is not drift, however certain it is.</summary>
    [Fact]
    public void Test_EffectBelowMinimum_IsNoDrift()
    {
        var options = new DriftTestOptions { MinimumEffect = 1e6 };
        Assert.All(RunAll(Normal(1, TrialRows, 0), Normal(2, TrialRows, 1), options), run => Assert.Equal(DriftVerdict.NoDrift, run.Result.Verdict));
    }

    /// <summary>Too few values are said to be too few.</summary>
    /// <param name="count">The number of current values.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(19)]
    public void Test_TooFewValues_SaysSo(int count)
    {
        var many = Normal(1, 100, 0);
        var few = Normal(2, count, 0);
        Assert.All(RunAll(many, few, null).Concat(RunAll(few, many, null)).Concat(RunAll(few, few, null)), run =>
        {
            Assert.Equal(DriftVerdict.NotEnoughData, run.Result.Verdict);
            Assert.Null(run.Result.PValue);
            Assert.NotEmpty(run.Result.Reason);
        });
    }

    /// <summary>One equal value everywhere is no drift or not computable.</summary>
    [Fact]
    public void Test_AllEqual_IsNoDrift()
    {
        var equal = Enumerable.Repeat(3.5, 100).ToArray();
        Assert.All(RunAll(equal, equal, null), run => Assert.True(run.Result.Verdict is DriftVerdict.NoDrift or DriftVerdict.NotComputable, run.Result.Verdict.ToString()));
    }

    /// <summary>A column without any value cannot be tested, unless missing values are what is tested.</summary>
    [Fact]
    public void Test_AllMissing_IsNotTestable()
    {
        if (IsAboutPresence) return;
        var missing = Enumerable.Repeat(double.NaN, 100).ToArray();
        Assert.All(RunAll(Normal(1, 100, 0), missing, null), run => Assert.Contains(run.Result.Verdict, s_untestable));
        Assert.All(RunAll(missing, missing, null), run => Assert.Contains(run.Result.Verdict, s_untestable));
    }

    /// <summary>Infinite and missing values among others give a verdict with finite figures.</summary>
    [Fact]
    public void Test_InfiniteValues_GivesFiniteFigures()
    {
        var strange = Normal(2, 100, 0);
        strange[0] = double.PositiveInfinity;
        strange[1] = double.NegativeInfinity;
        strange[2] = double.NaN;
        foreach (var (_, result) in RunAll(Normal(1, 100, 0), strange, null).Concat(RunAll(strange, Normal(1, 100, 0), null)))
        {
            Assert.True(Enum.IsDefined(result.Verdict));
            Assert.All(new[] { result.Statistic, result.PValue, result.Effect, result.Threshold }, figure => Assert.True(figure is null || double.IsFinite(figure.Value)));
        }
    }

    /// <summary>The same data give the same result, in whatever order the values come.</summary>
    [Fact]
    public void Test_SameValuesInAnotherOrder_GivesSameResult()
    {
        var reference = Normal(1, 150, 0);
        var current = Normal(2, 150, 0.4);
        var reversed = current.Reverse().ToArray();
        Assert.Equal(RunAll(reference, current, null), RunAll(reference, current, null));
        Assert.Equal(RunAll(reference, current, null), RunAll(reference, reversed, null));
    }

    /// <summary>Sketches of many values do not turn their own error into drift.</summary>
    [Fact]
    public void Test_LargeProfilesOfSamePopulation_IsNoDrift()
    {
        if (CreateTest() is not IProfileDriftTest test) return;
        var options = new DriftTestOptions { MinimumEffect = 0, Significance = 0.0001 };
        for (var trial = 0; trial < 10; trial++)
        {
            var result = test.Test(CreateProfile(Normal(2 * trial, 50_000, 0)), CreateProfile(Normal((2 * trial) + 1, 50_000, 0)), options);
            Assert.True(result.Verdict == DriftVerdict.NoDrift, result.Reason);
        }
    }

    /// <summary>A shift is found in profiles that no longer hold every value.</summary>
    [Fact]
    public void Test_LargeProfilesWithShift_FindsIt()
    {
        if (CreateTest() is not IProfileDriftTest test) return;
        var result = test.Test(CreateProfile(Normal(1, 50_000, 0)), CreateProfile(Normal(2, 50_000, 1)), null);
        Assert.Equal(DriftVerdict.Drift, result.Verdict);
        Assert.True(result.Effect > 0.1);
    }

    /// <summary>A category that only one sample has counts, categories that neither has do not, and the figures are finite.</summary>
    [Fact]
    public void Test_NewLostAndEmptyCategories_AreCompared()
    {
        if (CreateTest() is not ICategoryDriftTest test || CategoryCount < 4) return;
        var result = test.Test([60, 40, 0, 0], [40, 30, 30, 0], null);
        Assert.Equal(DriftVerdict.Drift, result.Verdict);
        Assert.All(new[] { result.Statistic, result.PValue, result.Effect, result.Threshold }, figure => Assert.True(figure is null || double.IsFinite(figure.Value)));
        Assert.Equal(result, test.Test([60, 40, 0], [40, 30, 30], null));
        Assert.Equal(DriftVerdict.Drift, test.Test([40, 30, 30], [60, 40, 0], null).Verdict);
        Assert.Equal(DriftVerdict.Drift, test.Test([50, 50, 0, 0], [0, 0, 50, 50], null).Verdict);
    }

    /// <summary>Rows of counts that do not belong together are refused, whatever is in them.</summary>
    [Fact]
    public void Test_CategoriesDoNotFit_Throws()
    {
        if (CreateTest() is not ICategoryDriftTest test) return;
        Assert.Throws<ArgumentException>(() => test.Test([50, 50], [50, 50, 50], null));
        Assert.ThrowsAny<ArgumentException>(() => test.Test([50, -50], [50, 50], null));
        Assert.ThrowsAny<ArgumentException>(() => test.Test([50, 50], [50, -50], null));
        Assert.Equal(DriftVerdict.NotEnoughData, test.Test([], [], null).Verdict);
        Assert.Equal(DriftVerdict.NotEnoughData, test.Test([0, 0], [0, 0], null).Verdict);
    }

    /// <summary>Very large counts give a verdict with finite figures.</summary>
    [Fact]
    public void Test_BillionsOfRows_GivesFiniteFigures()
    {
        if (CreateTest() is not ICategoryDriftTest test) return;
        var result = test.Test([4_000_000_000, 6_000_000_000], [5_500_000_000, 4_500_000_000], null);
        Assert.Equal((DriftVerdict.Drift, true), (result.Verdict, double.IsFinite(result.Statistic!.Value)));
        Assert.Equal(DriftVerdict.NoDrift, test.Test([4_000_000_000, 6_000_000_000], [4_000_000_100, 5_999_999_900], null).Verdict);
    }

    private List<(string Face, DriftResult Result)> RunAll(double[] reference, double[] current, DriftTestOptions? options)
    {
        var test = CreateTest();
        var results = new List<(string, DriftResult)>();
        if (test is ISampleDriftTest samples) results.Add(("samples", samples.Test(reference, current, options)));
        if (test is ICategoryDriftTest categories) results.Add(("categories", categories.Test(CountCategories(reference), CountCategories(current), options)));
        if (test is IProfileDriftTest profiles) results.Add(("profiles", profiles.Test(CreateProfile(reference), CreateProfile(current), options)));
        Assert.NotEmpty(results);
        return results;
    }

    private long[] CountCategories(double[] values)
    {
        var counts = new long[CategoryCount];
        foreach (var value in values)
        {
            if (!double.IsNaN(value)) counts[GetCategory(value)]++;
        }

        return counts;
    }

    private static double[] Normal(int seed, int count, double mean)
    {
        // Random of neighbouring seeds is not independent, so they are spread.
        var random = new Random((int)(seed * 2654435761L % int.MaxValue));
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = mean + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }
}
