namespace Mlops.Monitoring.Tests;

/// <summary>Tables with small expected counts, for which the chi-squared law is wrong.</summary>
public sealed class SparseTableTests
{
    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1, MinimumEffect = 0 };

    [Fact]
    public void Test_TwoSparseCategories_IsExact()
    {
        // The tables with margins (4, 4), (4, 4) have probabilities 1, 16, 36, 16, 1 in 70; χ² of the outer four is at least that of (3, 1).
        Assert.Equal(34.0 / 70, new ChiSquared().Test([3, 1], [1, 3], s_anyCount).PValue!.Value, 1e-12);
        Assert.Equal(2.0 / 70, new ChiSquared().Test([4, 0], [0, 4], s_anyCount).PValue!.Value, 1e-12);
        Assert.Equal(2.0 / 70, new GTest().Test([4, 0], [0, 4], s_anyCount).PValue!.Value, 1e-12);
        Assert.Equal(2.0 / 70, new TotalVariation().Test([4, 0], [0, 4], s_anyCount).PValue!.Value, 1e-12);
        Assert.Equal(2.0 / 70, new LInfinity().Test([4, 0], [0, 4], s_anyCount).PValue!.Value, 1e-12);
        Assert.Equal(1.0 / 70, new TwoProportions(Alternative.Greater).Test([4, 0], [0, 4], s_anyCount).PValue!.Value, 1e-12);
        Assert.Equal(1, new TwoProportions(Alternative.Less).Test([4, 0], [0, 4], s_anyCount).PValue!.Value, 1e-12);
        Assert.Equal((0, 1), (new TwoProportions(Alternative.Less).Test([4, 0], [0, 4], s_anyCount).Effect!.Value, new TwoProportions(Alternative.Greater).Test([4, 0], [0, 4], s_anyCount).Effect!.Value));
    }

    [Fact]
    public void Test_ManySparseCategories_AgreesWithEnumeration()
    {
        // 2 × 3, margins (3, 3) and (2, 2, 2): of the 20 ways to deal six rows, 8 take one of each category and 12 take two of one.
        var result = new ChiSquared(permutations: 20_000).Test([2, 1, 0], [0, 1, 2], s_anyCount);
        Assert.Equal(0.6, result.PValue!.Value, 0.015);
        Assert.Equal(0.6, new FisherExact(permutations: 20_000).Test([2, 1, 0], [0, 1, 2], s_anyCount).PValue!.Value, 0.015);
        Assert.Equal(result, new ChiSquared(permutations: 20_000).Test([2, 1, 0], [0, 1, 2], s_anyCount));
    }

    [Theory]
    [InlineData("chi-squared")]
    [InlineData("g-test")]
    [InlineData("total-variation")]
    [InlineData("l-infinity")]
    [InlineData("fisher-exact")]
    public void Test_SparseWithoutDrift_KeepsTheFalseAlarmRate(string name)
    {
        const int Trials = 500;
        ICategoryDriftTest test = name switch
        {
            "chi-squared" => new ChiSquared(permutations: 499),
            "g-test" => new GTest(permutations: 499),
            "total-variation" => new TotalVariation(permutations: 499),
            "l-infinity" => new LInfinity(permutations: 499),
            _ => new FisherExact(permutations: 499),
        };
        var random = new Random(5);
        var alarms = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            // Forty categories, most of them expected less than once.
            if (test.Test(Sample(random, 60), Sample(random, 30), s_anyCount).PValue <= 0.05) alarms++;
        }

        Assert.InRange(alarms, 5, (0.05 * Trials) + (4 * Math.Sqrt(0.05 * 0.95 * Trials)));
    }

    [Fact]
    public void Test_ClearDriftWithOneRareCategory_HasASmallPValue()
    {
        // Drawing tables alone could not give less than 1/2000, which would not survive a correction for many columns.
        var result = new ChiSquared().Test([500, 500, 1], [700, 300, 1]);
        Assert.True(result.PValue < 1e-15, $"{result.PValue}");
        Assert.True(new TotalVariation().Test([500, 500, 1], [700, 300, 1]).PValue < 1e-15);
    }

    [Fact]
    public void Test_ReferenceTakenAsRandom_RaisesNoFalseAlarms()
    {
        // Taking the scaled reference as known gives 74 % false alarms for 200 and 1,000 rows.
        const int Trials = 200;
        var random = new Random(9);
        var alarms = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            if (new ChiSquared().Test(Sample(random, 1000), Sample(random, 5000), s_anyCount).PValue <= 0.05) alarms++;
        }

        // 10 are expected; by chance fewer than 1 or more than 24 come once in 10,000 times.
        Assert.InRange(alarms, 1, 24);
    }

    [Fact]
    public void Test_OneSided_LooksThatWayOnly()
    {
        Assert.True(new TwoProportions(Alternative.Less).Test([400, 600], [600, 400]).Verdict == DriftVerdict.Drift);
        Assert.True(new TwoProportions(Alternative.Greater).Test([400, 600], [600, 400]).Verdict == DriftVerdict.NoDrift);
        Assert.True(new FisherExact(Alternative.Less).Test([400, 600], [600, 400]).Verdict == DriftVerdict.Drift);
        Assert.True(new FisherExact(Alternative.Greater).Test([400, 600], [600, 400]).Verdict == DriftVerdict.NoDrift);
        Assert.Equal(DriftVerdict.NotComputable, new FisherExact(Alternative.Less).Test([40, 60, 10], [60, 40, 10]).Verdict);
        Assert.Equal(DriftVerdict.NotComputable, new TwoProportions().Test([40, 60, 10], [60, 40, 10]).Verdict);
    }

    private static long[] Sample(Random random, int rows)
    {
        var counts = new long[40];
        for (var row = 0; row < rows; row++) counts[(int)(40 * random.NextDouble() * random.NextDouble())]++;
        return counts;
    }
}
