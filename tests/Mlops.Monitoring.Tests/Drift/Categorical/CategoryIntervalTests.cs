namespace Mlops.Monitoring.Tests;

/// <summary>Intervals of effects hold the true effect at least as often as they say, less three points.</summary>
public sealed class CategoryIntervalTests
{
    private const int Trials = 600;

    private static readonly double[][] s_shares =
    [
        [0.5, 0.5], [0.6, 0.4], [0.9, 0.1],
        [0.95, 0.05], [0.9, 0.1], [0.3, 0.7],
        [0.3, 0.3, 0.2, 0.1, 0.1], [0.25, 0.3, 0.2, 0.15, 0.1], [0.05, 0.1, 0.2, 0.3, 0.35],
        [0.96, 0.01, 0.01, 0.01, 0.01], [0.92, 0.05, 0.01, 0.01, 0.01], [0.2, 0.2, 0.2, 0.2, 0.2],
    ];

    public static TheoryData<string, int, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (var test in new[] { "chi-squared", "g-test", "total-variation", "l-infinity", "fisher-exact", "two-proportions" })
            {
                foreach (var start in new[] { 0, 3, 6, 9 })
                {
                    if (s_shares[start].Length > 2 && test is "fisher-exact" or "two-proportions") continue;
                    foreach (var other in new[] { 0, 1, 2 }) data.Add(test, start, start + other);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Test_TrueEffectKnown_LiesInTheInterval(string name, int first, int second)
    {
        var (p, q) = (s_shares[first], s_shares[second]);
        var effect = name == "l-infinity" ? p.Zip(q, (a, b) => Math.Abs(a - b)).Max() : p.Zip(q, (a, b) => Math.Abs(a - b)).Sum() / 2;
        ICategoryDriftTest test = name switch
        {
            "chi-squared" => new ChiSquared(pValueMethod: PValueMethod.Asymptotic),
            "g-test" => new GTest(pValueMethod: PValueMethod.Asymptotic),
            "total-variation" => new TotalVariation(permutations: 99),
            "l-infinity" => new LInfinity(permutations: 99),
            "fisher-exact" => new FisherExact(),
            _ => new TwoProportions(),
        };
        var random = new Random((100 * first) + second);
        var held = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var interval = test.Test(Sample(random, p, 150), Sample(random, q, 90)).EffectInterval!.Value;
            Assert.Equal(0.95, interval.Level);
            if (interval.Lower <= effect + 1e-12 && effect <= interval.Upper + 1e-12) held++;
        }

        Assert.True(held >= (0.92 * Trials), $"{held} of {Trials}");
    }

    private static long[] Sample(Random random, double[] shares, int rows)
    {
        var counts = new long[shares.Length];
        for (var row = 0; row < rows; row++)
        {
            var left = random.NextDouble();
            var category = 0;
            while (category < shares.Length - 1 && (left -= shares[category]) >= 0) category++;
            counts[category]++;
        }

        return counts;
    }
}
