namespace Mlops.Monitoring.Tests;

/// <summary>What tests on numbers say of data that no test is made for.</summary>
public sealed class NumericBadInputTests
{
    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1 };

    private static readonly ISortedDriftTest[] s_onOrder = [new KolmogorovSmirnov(), new CramerVonMises(), new AndersonDarling(), new MannWhitney(), new BrunnerMunzel()];
    private static readonly ISortedDriftTest[] s_onDistances = [new StudentT(), new WelchT(), new Levene(), new EppsSingleton(), new Wasserstein(), new EnergyDistance()];

    private static readonly double[] s_normal = Make(1, 60, 0);

    public static TheoryData<string> Tests => [.. All.Select(test => test.Name)];

    private static IEnumerable<ISortedDriftTest> All => s_onOrder.Concat(s_onDistances);

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_EmptyOrOneValue_SaysNotEnoughData(string name)
    {
        foreach (double[] few in new double[][] { [], [1.5] })
        {
            if (few.Length == 0) Assert.Equal(DriftVerdict.NotEnoughData, Find(name).Test(few, s_normal, s_anyCount).Verdict);
            Assert.Equal(DriftVerdict.NotEnoughData, Find(name).Test(few, s_normal, null).Verdict);
            Assert.Equal(DriftVerdict.NotEnoughData, Find(name).Test(s_normal, few, null).Verdict);
            AssertDefined(Find(name).Test(s_normal, few, s_anyCount));
            AssertDefined(Find(name).Test(few, few, s_anyCount));
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_AllEqualOrAllMissing_IsNoDrift(string name)
    {
        var equal = Enumerable.Repeat(3.5, 40).ToArray();
        var missing = Enumerable.Repeat(double.NaN, 40).ToArray();
        var result = Find(name).Test(equal, equal, null);
        AssertDefined(result);
        Assert.NotEqual(DriftVerdict.Drift, result.Verdict);
        Assert.Equal(DriftVerdict.NotEnoughData, Find(name).Test(s_normal, missing, null).Verdict);
        Assert.Equal(0, Find(name).Test(missing, s_normal, s_anyCount).ReferenceCount);
        AssertDefined(Find(name).Test(equal, s_normal, null));
        AssertDefined(Find(name).Test(s_normal, equal, null));
        AssertDefined(Find(name).Test(equal, [.. equal.Select(value => value + 1)], null));
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_TwoConstants_IsNeverNoDriftForCertain(string name)
    {
        // What does not vary varies by rounding, by other amounts for other values and counts.
        foreach (var (count, other) in new[] { (30, 1.1), (100, 4.0), (128, 1e9), (1000, 3.0000001) })
        {
            var result = Find(name).Test([.. Enumerable.Repeat(3.0, count)], [.. Enumerable.Repeat(other, count)], null);
            AssertDefined(result);
            Assert.True(result.Verdict != DriftVerdict.NoDrift || result.PValue < 1e-3, $"{count} of {other}: {result.Reason}");
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_InfiniteValues_AreOrderedOrRefused(string name)
    {
        double[] strange = [.. s_normal, double.PositiveInfinity, double.NegativeInfinity, double.NaN];
        var result = Find(name).Test(s_normal, strange, null);
        AssertDefined(result);
        Assert.Equal(s_normal.Length + 2, result.CurrentCount);
        if (s_onOrder.Any(test => test.Name == name))
        {
            Assert.Equal(DriftVerdict.NoDrift, result.Verdict);
            return;
        }

        Assert.Equal(DriftVerdict.NotComputable, result.Verdict);
        Assert.Contains("Kolmogorov–Smirnov", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_ValuesOfExtremeSize_GiveTheSameAsOfUsualSize(string name)
    {
        var current = Make(2, 60, 0.5);
        var usual = Find(name).Test(s_normal, current, null);
        foreach (var exponent in new[] { 1020, -1020 })
        {
            var scaled = Find(name).Test(Scale(s_normal, exponent), Scale(current, exponent), null);
            Assert.Equal(usual.Verdict, scaled.Verdict);
            Assert.Equal(usual.PValue!.Value, scaled.PValue!.Value, 1e-9);
            Assert.Equal(usual.Effect!.Value, scaled.Effect!.Value, 1e-9);
        }

        double[] largest = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? double.MaxValue : -double.MaxValue)];
        AssertDefined(Find(name).Test(largest, s_normal, null));
        AssertDefined(Find(name).Test(s_normal, largest, null));
        double[] huge = [.. s_normal.Select(value => value * 1e300)], moved = [.. huge.Select(value => value + 1e300)];
        AssertDefined(Find(name).Test(huge, moved, null));
    }

    [Theory]
    [InlineData(1e300)]
    [InlineData(1e308)]
    [InlineData(-1e308)]
    [InlineData(double.MaxValue)]
    public void Test_OneValueOfExtremeSize_IsToldAsSuch(double outlier)
    {
        var reference = Make(3, 500, 0);
        double[] current = [.. Make(4, 499, 0), outlier], same = [.. reference[1..], outlier];
        foreach (var test in All)
        {
            foreach (var result in new[] { test.Test(reference, current, null), test.Test(current, reference, null), test.Test(same, current, null) })
            {
                AssertDefined(result);
                Assert.DoesNotContain("one value only", result.Reason, StringComparison.Ordinal);
                Assert.NotEqual(DriftVerdict.NotEnoughData, result.Verdict);
            }
        }

        // One in five hundred is no more than chance, by whichever distance it can be measured.
        var distance = new Wasserstein().Test(reference, current, null);
        Assert.Equal(DriftVerdict.NoDrift, distance.Verdict);
        Assert.InRange(distance.Statistic!.Value / Math.Abs(outlier), 0.0019, 0.0021);
        Assert.Equal(DriftVerdict.NoDrift, new EnergyDistance().Test(reference, current, null).Verdict);
        Assert.Equal(DriftVerdict.NotComputable, new Wasserstein().Test([.. reference.Select(value => value * 1e-300)], current, null).Verdict);
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_NegativeZero_EqualsZero(string name)
    {
        double[] values = [.. s_normal.Select(value => Math.Round(value))];
        double[] negated = [.. values.Select(value => value == 0 ? -0.0 : value)];
        Assert.Equal(Find(name).Test(values, s_normal, null), Find(name).Test(negated, s_normal, null));
        Assert.Equal(Find(name).Test(values, values, null), Find(name).Test(values, negated, null));
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_SortedBefore_GivesTheSame(string name)
    {
        var current = Make(5, 3000, 0.1);
        var reference = Make(6, 2500, 0);
        Assert.Equal(Find(name).Test(reference, current, null), Find(name).Test(new SortedSample(reference), new SortedSample(current), null));
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_SamplesSwapped_GiveTheSamePValue(string name)
    {
        // Shuffles are drawn anew for the samples swapped, so their p-values agree only roughly.
        var tolerance = name is "wasserstein" or "energy-distance" ? 0.05 : 1e-9;
        var current = Make(7, 45, 0.4);
        Assert.Equal(Find(name).Test(s_normal, current, null).PValue!.Value, Find(name).Test(current, s_normal, null).PValue!.Value, tolerance);
    }

    internal static double[] Make(int seed, int count, double mean, double deviation = 1)
    {
        var random = new Random((int)(seed * 2654435761L % int.MaxValue));
        return [.. Enumerable.Range(0, count).Select(_ => mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    private static double[] Scale(double[] values, int exponent) => [.. values.Select(value => Math.ScaleB(value, exponent))];

    private static ISortedDriftTest Find(string name) => All.Single(test => test.Name == name);

    private static void AssertDefined(DriftResult result)
    {
        Assert.True(Enum.IsDefined(result.Verdict));
        Assert.InRange(result.Reason.Length, 1, 200);
        if (result.Verdict is DriftVerdict.Drift or DriftVerdict.NoDrift)
        {
            Assert.NotNull(result.Statistic);
            Assert.InRange(result.PValue!.Value, 0, 1);
            Assert.True(result.Effect >= 0);
        }
    }
}
