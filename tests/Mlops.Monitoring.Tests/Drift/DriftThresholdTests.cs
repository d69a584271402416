namespace Mlops.Monitoring.Tests;

/// <summary>A threshold promises: from this effect on, the verdict is drift.</summary>
public sealed class DriftThresholdTests
{
    private static readonly ISampleDriftTest[] s_ofNumbers =
    [
        new KolmogorovSmirnov(), new KolmogorovSmirnov(Alternative.Less), new KolmogorovSmirnov(method: PValueMethod.Asymptotic), new CramerVonMises(), new AndersonDarling(), new MannWhitney(), new MannWhitney(Alternative.Greater),
        new StudentT(), new WelchT(), new Levene(), new Levene(LeveneCentre.Mean), new BrunnerMunzel(), new EppsSingleton(), new Wasserstein(), new EnergyDistance(),
        new PopulationStabilityIndex(), new JensenShannon(), new KullbackLeibler(), new Hellinger(),
    ];

    private static readonly ICategoryDriftTest[] s_ofCategories =
    [
        new ChiSquared(), new ChiSquared(isYatesCorrected: true), new ChiSquared(isYatesCorrected: true, PValueMethod.Asymptotic), new ChiSquared(pValueMethod: PValueMethod.Asymptotic),
        new GTest(), new GTest(isYatesCorrected: true, PValueMethod.Asymptotic), new GTest(pValueMethod: PValueMethod.Asymptotic), new FisherExact(), new FisherExact(Alternative.Less), new FisherExact(Alternative.Greater),
        new TwoProportions(), new TwoProportions(Alternative.Greater), new TwoProportions(pValueMethod: PValueMethod.Asymptotic), new TwoProportions(pValueMethod: PValueMethod.Exact), new TotalVariation(), new LInfinity(),
        new PopulationStabilityIndex(), new JensenShannon(), new KullbackLeibler(), new KullbackLeibler(direction: KullbackLeiblerDirection.ReferenceByCurrent), new Hellinger(),
    ];

    private static readonly IRowDriftTest[] s_ofRows =
    [
        new MeanShift { Permutations = 99 }, new CovarianceShift { Permutations = 99 }, new MaximumMeanDiscrepancy { Permutations = 99 }, new MaximumMeanDiscrepancy { Estimator = MmdEstimator.Linear, Permutations = 99 },
        new MultivariateEnergyDistance { Permutations = 99 }, new LeastSquaresDensityDifference { Permutations = 99 }, new PcaReconstruction(), new DomainClassifierDrift(),
    ];

    private static DriftTestOptions[] Options =>
    [
        new() { MinimumCount = 1 }, new() { MinimumCount = 1, MinimumEffect = 0 }, new() { MinimumCount = 1, MinimumEffect = 0, Significance = 0.0007 }, new() { MinimumCount = 1, MinimumEffect = 0, Significance = 0.3 },
    ];

    [Fact]
    public void Threshold_Numbers_HoldsWhatItPromises()
    {
        var random = new Random(11);
        for (var trial = 0; trial < 24; trial++)
        {
            int n = 2 + random.Next(trial % 3 == 0 ? 8 : 200), m = 2 + random.Next(trial % 4 == 0 ? 8 : 100), steps = trial % 2 == 0 ? 0 : 1 + random.Next(6);
            var shift = random.Next(4) * 0.4;
            double[] Draw(int count, double shift) => [.. Enumerable.Range(0, count).Select(_ => DriftData.Normal(random) + shift).Select(value => steps == 0 ? value : Math.Round(value * steps) / steps)];
            double[] x = Draw(n, 0), y = Draw(m, shift);
            foreach (var test in s_ofNumbers)
            {
                foreach (var options in Options) Check(test.Test(x, y, options), $"{n} and {m} values, shift {shift}, steps {steps}, significance {options.Significance}");
            }
        }
    }

    [Fact]
    public void Threshold_Categories_HoldsWhatItPromises()
    {
        var random = new Random(12);
        for (var trial = 0; trial < 60; trial++)
        {
            var categories = trial % 2 == 0 ? 2 : 2 + random.Next(8);
            long[] Draw(int most) => [.. Enumerable.Range(0, categories).Select(_ => (long)random.Next(1 + most))];
            long[] x = Draw(trial % 5 == 0 ? 200 : 20), y = Draw(trial % 3 == 0 ? 6 : 30);
            foreach (var test in s_ofCategories)
            {
                foreach (var options in Options) Check(test.Test(x, y, options), $"{test.GetType().Name}, [{string.Join(", ", x)}] and [{string.Join(", ", y)}], significance {options.Significance}");
            }
        }
    }

    /// <summary>All tables of the same margins share a threshold, and it must hold for each of them.</summary>
    [Theory]
    [InlineData(20, 20, 4)]
    [InlineData(20, 33, 9)]
    [InlineData(6, 50, 20)]
    [InlineData(40, 40, 40)]
    [InlineData(3, 4, 3)]
    public void Threshold_TwoCategories_HoldsForAllTablesOfTheMargins(long n, long m, long first)
    {
        ICategoryDriftTest[] exact =
            [new FisherExact(), new FisherExact(Alternative.Less), new FisherExact(Alternative.Greater), new TwoProportions(pValueMethod: PValueMethod.Exact), new ChiSquared(pValueMethod: PValueMethod.Exact), new TotalVariation(), new LInfinity()];
        foreach (var test in exact)
        {
            foreach (var options in Options)
            {
                DriftResult[] results = [.. from drawn in Enumerable.Range((int)Math.Max(0, first - m), (int)(Math.Min(n, first) - Math.Max(0, first - m)) + 1)
                                            select test.Test([drawn, n - drawn], [first - drawn, m - first + drawn], options)];
                var thresholds = results.Select(result => result.Threshold).Distinct().ToArray();
                Assert.Single(thresholds);
                Assert.All(results, result => Assert.False(result.Effect >= thresholds[0] && result.Verdict != DriftVerdict.Drift, $"{test.GetType().Name}: threshold {thresholds[0]}, {result}"));
                // Where the effect follows from the statistic, there is no drift below the threshold either.
                if (test is TwoProportions or TotalVariation or LInfinity)
                    Assert.All(results, result => Assert.True(result.Verdict != DriftVerdict.Drift || result.Effect >= thresholds[0], $"{test.GetType().Name}: threshold {thresholds[0]}, {result}"));
            }
        }
    }

    [Fact]
    public void Threshold_Rows_HoldsWhatItPromises()
    {
        var random = new Random(13);
        for (var trial = 0; trial < 8; trial++)
        {
            int n = 20 + random.Next(40), m = 20 + random.Next(40);
            RowSet Draw(int count, double shift) => new(Enumerable.Range(0, count * 3).Select(_ => DriftData.Normal(random) + shift).ToArray(), 3);
            RowSet x = Draw(n, 0), y = Draw(m, random.Next(3) * 0.3);
            foreach (var test in s_ofRows)
            {
                foreach (var options in Options) Check(test.Test(x, y, options, TestContext.Current.CancellationToken), $"{n} and {m} rows, significance {options.Significance}");
            }
        }
    }

    [Fact]
    public void Threshold_NoEffectIsSignificant_IsNoneAndSaysWhy()
    {
        // Of 3 and 4 rows, the least likely tables have a probability of 1/35.
        var result = new FisherExact().Test([3, 0], [0, 4], new DriftTestOptions { MinimumCount = 1, Significance = 0.02 });
        Assert.Equal((DriftVerdict.NoDrift, null), (result.Verdict, result.Threshold));
        Assert.Equal("significance 0.02 with 3 and 4 values: no effect alone tells, only the p-value", result.ThresholdSource);
    }

    private static void Check(DriftResult result, string data)
        => Assert.False(result.Effect >= result.Threshold && result.Verdict == DriftVerdict.NoDrift, $"{data}: threshold {result.Threshold}, {result}");
}
