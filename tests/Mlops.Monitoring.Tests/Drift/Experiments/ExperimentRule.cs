using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

/// <summary>A rule that tells drift from no drift, as experiments run it.</summary>
/// <param name="Name">What is tested, and how.</param>
/// <param name="Test">What the rule says, given a significance.</param>
internal sealed record ExperimentRule(string Name, Func<ExperimentSamples, DriftTestOptions, DriftResult> Test)
{
    public const double Significance = 0.05;

    private static readonly double[] s_zipf = MakeZipf(50);

    private static readonly MaximumMeanDiscrepancy s_linear = new() { Estimator = MmdEstimator.Linear };

    private static readonly CovarianceShift s_covariance = new() { Permutations = 199 };

    /// <summary>Gets the largest number of repetitions: covariances of wide vectors take long.</summary>
    public int MaximumRepetitions { get; init; } = int.MaxValue;

    /// <summary>Gets what one repetition takes, which decides how many can be had at any time.</summary>
    public ExperimentCost Cost { get; init; } = ExperimentCost.Milliseconds;

    /// <summary>Gets the tests that reports choose by themselves.</summary>
    public static ExperimentRule[] Automatic =>
    [
        new("numbers: Kolmogorov–Smirnov, normal values", (samples, options) => new KolmogorovSmirnov().Test(samples.Reference, samples.Current, options)) { Cost = ExperimentCost.Microseconds },
        new("numbers: Kolmogorov–Smirnov, ties", (samples, options) => new KolmogorovSmirnov().Test(samples.Tied.Reference, samples.Tied.Current, options)) { Cost = ExperimentCost.Microseconds },
        new("numbers from profiles (k = 1024): Kolmogorov–Smirnov", (samples, options) => new KolmogorovSmirnov().Test(Profile(samples.Reference), Profile(samples.Current), options)),
        Counts("few values: chi-squared, 10 values", new ChiSquared(), [.. Enumerable.Repeat(0.1, 10)]),
        Counts("two categories: z or exact, share 0.3", new TwoProportions(), [0.3, 0.7]) with { Cost = ExperimentCost.Microseconds },
        Counts("two categories: z or exact, share 0.01", new TwoProportions(), [0.01, 0.99]) with { Cost = ExperimentCost.Microseconds },
        Counts("two categories: Fisher, share 0.1", new FisherExact(), [0.1, 0.9]) with { Cost = ExperimentCost.Microseconds },
        Counts("categories: chi-squared, 4 of one size", new ChiSquared(), [0.25, 0.25, 0.25, 0.25]) with { Cost = ExperimentCost.Microseconds },
        Counts("categories: chi-squared, 50 by Zipf's law", new ChiSquared(), s_zipf),
        Counts("missing values: share 0.02", new ChiSquared(), [0.98, 0.02]) with { Cost = ExperimentCost.Microseconds },
        new("texts: length, vocabulary, words", (samples, options) => new TextDrift().Test(samples.Texts(samples.ReferenceCount), samples.Texts(samples.Count), options)) { Cost = ExperimentCost.Seconds },
        new("vectors: mean, covariance, kernel, 8 elements", (samples, options) => new EmbeddingDrift { Permutations = 100 }.Test(samples.Rows(samples.ReferenceCount, 8), samples.Rows(samples.Count, 8), options)) { Cost = ExperimentCost.Seconds },
    ];

    /// <summary>Gets distances with limits that follow from the sizes.</summary>
    public static ExperimentRule[] SizeAware =>
    [
        new("PSI, ten quantiles", (samples, options) => new PopulationStabilityIndex().Test(samples.Reference.Values, samples.Current.Values, options)),
        Counts("PSI, 10 categories", new PopulationStabilityIndex(), [.. Enumerable.Repeat(0.1, 10)]),
        new("Jensen–Shannon distance, ten quantiles", (samples, options) => new JensenShannon().Test(samples.Reference.Values, samples.Current.Values, options)),
        new("Wasserstein, normal values", (samples, options) => new Wasserstein().Test(samples.Reference, samples.Current, options)),
        new("Wasserstein, lognormal values", (samples, options) => new Wasserstein().Test(samples.LogNormal.Reference, samples.LogNormal.Current, options)),
    ];

    /// <summary>Gets the other tests of numbers and categories.</summary>
    public static ExperimentRule[] Others =>
    [
        Sorted("Cramér–von Mises", new CramerVonMises()),
        Sorted("Anderson–Darling", new AndersonDarling()) with { Cost = ExperimentCost.Microseconds },
        Sorted("Mann–Whitney", new MannWhitney()) with { Cost = ExperimentCost.Microseconds },
        Sorted("energy distance", new EnergyDistance()),
        Tied("Cramér–von Mises, ties", new CramerVonMises()) with { Cost = ExperimentCost.Microseconds },
        Tied("Anderson–Darling, ties", new AndersonDarling()),
        Tied("Mann–Whitney, ties", new MannWhitney()) with { Cost = ExperimentCost.Microseconds },
        Tied("energy distance, ties", new EnergyDistance()),
        Numbers("Welch's t", new WelchT()) with { Cost = ExperimentCost.Microseconds },
        Numbers("Brown–Forsythe", new Levene()) with { Cost = ExperimentCost.Microseconds },
        Numbers("Brunner–Munzel", new BrunnerMunzel()) with { Cost = ExperimentCost.Microseconds },
        Numbers("Epps–Singleton", new EppsSingleton()),
        Numbers("Hellinger, ten quantiles", new Hellinger()),
        Numbers("Kullback–Leibler, ten quantiles", new KullbackLeibler()),
        Numbers("Kullback–Leibler reversed, ten quantiles", new KullbackLeibler(direction: KullbackLeiblerDirection.ReferenceByCurrent)),
        Counts("G, 50 categories by Zipf's law", new GTest(), s_zipf),
        Counts("total variation, 10 categories", new TotalVariation(), [.. Enumerable.Repeat(0.1, 10)]),
        Linear("linear discrepancy, 1 normal column", (samples, count) => samples.Rows(count, 1)),
        Linear("linear discrepancy, 5 normal columns", (samples, count) => samples.Rows(count, 5)),
        Linear("linear discrepancy, a share of 0.1", (samples, count) => samples.Shares(count, 0.1)),
        Few("Anderson–Darling, 2 values", new AndersonDarling(), 2),
        Few("Anderson–Darling, 3 values", new AndersonDarling(), 3),
    ];

    /// <summary>Gets the tests that take no longer for one large sample.</summary>
    public static ExperimentRule[] Uneven => [.. Automatic.Concat(SizeAware).Concat(Others).Where(rule => rule.Cost != ExperimentCost.Seconds)];

    /// <summary>Gets tests of counts, of which some are expected few times: what the tail of a count shows at small significances.</summary>
    public static ExperimentRule[] Tails =>
    [
        Tail("two categories, share 0.03", new TwoProportions(), [0.03, 0.97]),
        Tail("two categories, share 0.06", new TwoProportions(), [0.06, 0.94]),
        Tail("two categories, share 0.1", new TwoProportions(), [0.1, 0.9]),
        Tail("two categories, share 0.3", new TwoProportions(), [0.3, 0.7]),
        Tail("missing values, share 0.06", new ChiSquared(), [0.94, 0.06]),
        Tail("chi-squared, 15 categories of one size", new ChiSquared(), [.. Enumerable.Repeat(1 / 15.0, 15)]) with { Cost = ExperimentCost.Milliseconds },
        Tail("chi-squared, 9 categories, most rows in one", new ChiSquared(), [0.6, .. Enumerable.Repeat(0.05, 8)]) with { Cost = ExperimentCost.Milliseconds },
        Tail("G, 9 categories, most rows in one", new GTest(), [0.6, .. Enumerable.Repeat(0.05, 8)]) with { Cost = ExperimentCost.Milliseconds },
        Tail("PSI, 10 categories", new PopulationStabilityIndex(), [.. Enumerable.Repeat(0.1, 10)]) with { Cost = ExperimentCost.Milliseconds },
    ];

    /// <summary>Gets the test of covariances on rows of many widths: independent columns, columns that share heavy tails, and columns that depend on each other.</summary>
    public static ExperimentRule[] Covariances =>
    [
        .. from width in (int[])[8, 64, 256, 512]
           from kind in (string[])["gaussian", "heavy", "correlated"]
           select new ExperimentRule($"covariance shift, {width} elements, {kind}", (samples, options) => s_covariance.Test(samples.Rows(samples.Count, width, kind), samples.Rows(samples.Count, width, kind), options))
           { Cost = ExperimentCost.Seconds, MaximumRepetitions = width > 64 ? 200 : 500 },
    ];

    private static ExperimentRule Sorted(string name, ISortedDriftTest test) => new(name, (samples, options) => test.Test(samples.Reference, samples.Current, options));

    private static ExperimentRule Tied(string name, ISortedDriftTest test) => new(name, (samples, options) => test.Test(samples.Tied.Reference, samples.Tied.Current, options));

    private static ExperimentRule Few(string name, ISortedDriftTest test, int values)
        => new(name, (samples, options) => test.Test(samples.Few(samples.ReferenceCount, values), samples.Few(samples.Count, values), options));

    private static ExperimentRule Linear(string name, Func<ExperimentSamples, int, RowSet> draw)
        => new(name, (samples, options) => s_linear.Test(draw(samples, samples.ReferenceCount), draw(samples, samples.Count), options)) { Cost = ExperimentCost.Microseconds };

    private static ExperimentRule Numbers(string name, ISampleDriftTest test) => new(name, (samples, options) => test.Test(samples.Reference.Values, samples.Current.Values, options));

    private static ExperimentRule Counts(string name, ICategoryDriftTest test, double[] shares)
        => new(name, (samples, options) => test.Test(samples.Categories(samples.ReferenceCount, shares), samples.Categories(samples.Count, shares), options));

    /// <summary>Tells whether the rule alarms, whatever the effect: a minimum effect would only lower the rate.</summary>
    public bool HasDrift(ExperimentSamples samples, double significance = Significance)
        => Test(samples, new DriftTestOptions { Significance = significance, MinimumEffect = 0 }).Verdict == DriftVerdict.Drift;

    private static ExperimentRule Tail(string name, ICategoryDriftTest test, double[] shares)
        => new(name, (samples, options) => test.Test(samples.Counts(samples.ReferenceCount, shares), samples.Counts(samples.Count, shares), options)) { Cost = ExperimentCost.Microseconds };

    private static ColumnProfile Profile(SortedSample sample)
    {
        var profile = new ColumnProfile("column", ElementType.Float64, ColumnRole.Feature, new DatasetProfileOptions { QuantileK = 1024 });
        profile.Add(sample.Values);
        return profile;
    }

    private static double[] MakeZipf(int count)
    {
        var sum = Enumerable.Range(1, count).Sum(rank => 1.0 / rank);
        return [.. Enumerable.Range(1, count).Select(rank => 1 / (rank * sum))];
    }
}
