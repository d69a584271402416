using Mlops.Evaluation;

namespace Mlops.Monitoring.Tests;

/// <summary>Limits by habit, and the rule of this package that takes the place of each, on data without drift.</summary>
internal static class NaiveRules
{
    private static readonly DriftTestOptions s_anyEffect = new() { MinimumEffect = 0 };
    private static readonly double[] s_quarters = [0.25, 0.25, 0.25, 0.25];

    public static (string Name, string Known, string Instead, int Repetitions, Func<int, (bool Naive, bool Ours)> Run)[] All =>
    [
        ("one-way chi-squared against the scaled reference, 4 categories, 500 and 500 rows", "27 %", "chi-squared of homogeneity", 2000, seed => ChiSquared(seed, 500, 500)),
        ("the same, 200 and 1,000 rows", "74 %", "chi-squared of homogeneity", 2000, seed => ChiSquared(seed, 200, 1000)),
        ("Wasserstein / reference deviation ≥ 0.1, 2,000 and 100 rows", "73 %", "Wasserstein at 5 %", 2000, seed =>
        {
            var (x, y) = Draw(seed, 2000, 100);
            return (IsDrift(new EvidentlyDrift(EvidentlyMethod.Wasserstein).Test(x, y)), IsDrift(new Wasserstein().Test(x, y, s_anyEffect)));
        }),
        ("Jensen–Shannon distance ≥ 0.1, 2,000 and 100 rows", "85 %", "Jensen–Shannon distance at 5 %", 2000, seed =>
        {
            var (x, y) = Draw(seed, 2000, 100);
            return (IsDrift(new EvidentlyDrift(EvidentlyMethod.JensenShannon).Test(x, y)), IsDrift(new JensenShannon().Test(x, y, s_anyEffect)));
        }),
        ("20 Kolmogorov–Smirnov columns at 5 % without correction, 500 and 500 rows", "63 %", "the same, corrected by Holm", 2000, seed =>
        {
            var pValues = new double[20];
            for (var column = 0; column < pValues.Length; column++)
            {
                var (x, y) = Draw((seed * 20) + column, 500, 500);
                pValues[column] = new KolmogorovSmirnov().Test(x, y, s_anyEffect).PValue!.Value;
            }

            return (pValues.Min() <= 0.05, MultipleTesting.Adjust(pValues, Correction.Holm).Min() <= 0.05);
        }),
        ("mean ± 3 deviations over 10 reference chunks (nominal 0.27 %), means of 100 rows", "2.5 %", "prediction interval at 0.27 %", 20_000, seed =>
        {
            var samples = new ExperimentSamples(seed, 0);
            // The mean of 100 normal values is a normal value.
            var chunks = samples.Normals(10, 0);
            var next = samples.Normals(1, 0)[0];
            return (next > ReferenceChunks.GetThreeDeviationLimit(chunks) || -next > ReferenceChunks.GetThreeDeviationLimit(Array.ConvertAll(chunks, value => -value)),
                next > ReferenceChunks.GetUpperLimit(chunks, 0.00135, StatisticScale.Linear) || next < ReferenceChunks.GetLowerLimit(chunks, 0.00135));
        }),
        ("Kolmogorov–Smirnov on KLL sketches of k = 256, sketch error ignored, 100,000 and 100,000 rows", "100 %", "the same with sketch error carried", 200, seed =>
        {
            var (x, y) = Draw(seed, 100_000, 100_000);
            var result = new KolmogorovSmirnov().Test(Profile(x), Profile(y), s_anyEffect);
            return (KolmogorovDistribution.UpperTail(Math.Sqrt(50_000) * result.Statistic!.Value) <= 0.05, IsDrift(result));
        }),
    ];

    private static (bool Naive, bool Ours) ChiSquared(int seed, int n, int m)
    {
        var samples = new ExperimentSamples(seed, 0);
        var (reference, current) = (samples.Categories(n, s_quarters), samples.Categories(m, s_quarters));
        return (IsDrift(new EvidentlyDrift(EvidentlyMethod.ChiSquare).Test(reference, current)), IsDrift(new ChiSquared().Test(reference, current, s_anyEffect)));
    }

    private static (double[] Reference, double[] Current) Draw(int seed, int n, int m)
    {
        var samples = new ExperimentSamples(seed, 0);
        return (samples.Normals(n, 0), samples.Normals(m, 0));
    }

    private static Profiles.ColumnProfile Profile(double[] values)
    {
        var profile = new Profiles.ColumnProfile("column", Data.ElementType.Float64, Data.ColumnRole.Feature, new Profiles.DatasetProfileOptions { QuantileK = 256 });
        profile.Add(values);
        return profile;
    }

    private static bool IsDrift(DriftResult result) => result.Verdict == DriftVerdict.Drift;
}
