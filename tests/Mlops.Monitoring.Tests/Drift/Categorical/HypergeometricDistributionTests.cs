using Mlops.Data;

namespace Mlops.Monitoring.Tests;

public sealed class HypergeometricDistributionTests
{
    [Fact]
    public void Enumerate_SmallCounts_AreTheBinomialRatios()
    {
        var law = new HypergeometricDistribution(4, 4, 4).Enumerate().OrderBy(outcome => outcome.Value).ToArray();
        double[] expected = [1, 16, 36, 16, 1];
        Assert.Equal(5, law.Length);
        Assert.All(law, outcome => Assert.Equal(expected[outcome.Value] / 70, outcome.Probability, 1e-14));
    }

    [Theory]
    [InlineData(5, 7, 4)]
    [InlineData(100, 60, 80)]
    [InlineData(300, 100_000, 50)]
    [InlineData(1000, 3000, 2500)]
    [InlineData(400_000, 600_000, 500_000)]
    [InlineData(4_000_000, 6_000_000, 5_000_000)]
    public void Draw_ManyTimes_HasMeanAndVariance(long first, long second, long drawn)
    {
        const int Draws = 20_000;
        var random = SplitMix64.FromSeed(3);
        double sum = 0, squares = 0;
        var (mean, total) = ((double)drawn * first / (first + second), (double)first + second);
        var variance = mean * (1 - (first / total)) * (total - drawn) / (total - 1);
        for (var i = 0; i < Draws; i++)
        {
            var value = HypergeometricDistribution.Draw(first, second, drawn, ref random);
            Assert.InRange(value, Math.Max(0, drawn - second), Math.Min(first, drawn));
            sum += value - mean;
            squares += (value - mean) * (value - mean);
        }

        Assert.InRange(sum / Draws, -5 * Math.Sqrt(variance / Draws), 5 * Math.Sqrt(variance / Draws));
        Assert.InRange(squares / Draws / variance, 0.9, 1.1);
    }
}
