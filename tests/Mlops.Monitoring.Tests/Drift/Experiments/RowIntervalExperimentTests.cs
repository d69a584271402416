using Mlops.Data;

namespace Mlops.Monitoring.Tests;

/// <summary>How often intervals of effects hold the effect that the test comes to with rows without end. With MLOPS_SOAK=1 of 2,000 repetitions at three sizes; otherwise the same code runs for seconds.</summary>
public sealed class RowIntervalExperimentTests
{
    private const int Width = 4;
    private static readonly bool s_isSoak = Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1";

    private static int Repetitions => s_isSoak ? 2000 : 150;

    public static TheoryData<string, string, double> Cases => new()
    {
        { "energy", "normal", 0 }, { "energy", "normal", 0.25 }, { "energy", "normal", 1.5 },
        { "energy", "heavy", 0 }, { "energy", "heavy", 0.5 },
        { "pca", "normal", 0 }, { "pca", "normal", 0.3 }, { "pca", "normal", 1 },
        { "pca", "heavy", 0 }, { "pca", "heavy", 0.5 },
    };

    /// <param name="name">The test.</param>
    /// <param name="kind">The distribution of the rows.</param>
    /// <param name="change">How far rows move, for the energy distance; how much of the dependence between columns goes, for the reconstruction.</param>
    [Theory]
    [MemberData(nameof(Cases))]
    public void EffectInterval_AnyEffect_CoversTheTrueOne(string name, string kind, double change)
    {
        var truth = change == 0 ? 0 : GetTruth(name, kind, change);
        foreach (var (n, m) in s_isSoak ? [(40, 30), (120, 150), (600, 300)] : new[] { (40, 30), (120, 150) })
        {
            var covered = 0;
            for (var repetition = 0; repetition < Repetitions; repetition++)
            {
                var random = new SplitMix64(SplitMix64.At((ulong)n, (ulong)repetition));
                var interval = Test(name, ref random, kind, change, n, m).EffectInterval!.Value;
                covered += interval.Lower <= truth + 1e-9 && truth <= interval.Upper + 1e-9 ? 1 : 0;
            }

            // 95 % less 3 points, less two standard deviations of the count.
            Assert.True(covered >= (0.92 * Repetitions) - (2 * Math.Sqrt(0.08 * 0.92 * Repetitions)), $"{n} and {m} rows, effect {truth:0.###}: {covered} of {Repetitions}");
        }
    }

    private static double GetTruth(string name, string kind, double change)
    {
        // Columns are scaled by the pooled rows, so that the ratio of the sizes counts for the energy distance; it is the mean of many where rows are drawn.
        var sum = 0.0;
        const int Runs = 12;
        for (var run = 0; run < Runs; run++)
        {
            var random = new SplitMix64((ulong)(run + 1) * 7919);
            sum += name == "pca" ? Test(name, ref random, kind, change, 40_000, 40_000).Effect!.Value : Test(name, ref random, kind, change, 1900, 1900).Effect!.Value;
        }

        return sum / Runs;
    }

    private static DriftResult Test(string name, ref SplitMix64 random, string kind, double change, int n, int m)
    {
        var isPca = name == "pca";
        IRowDriftTest test = isPca ? new PcaReconstruction() : new MultivariateEnergyDistance { Permutations = 99 };
        var reference = Rows(ref random, kind, n, 0, 0.8);
        return test.Test(reference, Rows(ref random, kind, m, isPca ? 0 : change, isPca ? 0.8 * (1 - change) : 0.8), null, TestContext.Current.CancellationToken);
    }

    /// <summary>Rows whose columns have a part in common.</summary>
    private static RowSet Rows(ref SplitMix64 random, string kind, int count, double shift, double common)
    {
        var values = new double[count * Width];
        for (var row = 0; row < count; row++)
        {
            var shared = Normal(ref random);
            // Student's t with five degrees of freedom.
            var size = 1.0;
            if (kind == "heavy")
            {
                double squares = 0;
                for (var i = 0; i < 5; i++) squares += Math.Pow(Normal(ref random), 2);
                size = Math.Sqrt(5 / squares);
            }

            for (var k = 0; k < Width; k++) values[(row * Width) + k] = (size * ((Math.Sqrt(common) * shared) + (Math.Sqrt(1 - common) * Normal(ref random)))) + shift;
        }

        return new RowSet(values, Width);
    }

    private static double Normal(ref SplitMix64 random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
