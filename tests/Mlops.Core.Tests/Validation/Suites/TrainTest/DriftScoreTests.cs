using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suites.TrainTest;

public sealed class DriftScoreTests
{
    [Theory]
    [InlineData(new[] { 1.0, 2, 3, 4 }, new[] { 1.0, 2, 3, 4 }, 0)]
    [InlineData(new[] { 1.0, 2 }, new[] { 3.0, 4, 5 }, 1)]
    [InlineData(new[] { 3.0, 1, 2, 2 }, new[] { 2.0, 5 }, 0.5)]
    [InlineData(new[] { 1.0, 1, 1 }, new[] { 1.0 }, 0)]
    public void OfNumbers_SmallSamples_IsTheLargestGap(double[] first, double[] second, double expected)
        => Assert.Equal(expected, DriftScore.OfNumbers("x", Numbers(first), Numbers(second)).Value, 1e-12);

    /// <summary>Of samples that do not differ at most a few in a thousand reach the figure of chance, and about one in a thousand does of larger ones.</summary>
    [Theory]
    [InlineData(10, 10)]
    [InlineData(30, 200)]
    [InlineData(400, 400)]
    public void IsBelow_SamplesOfOneDistribution_HardlyEverDrift(int train, int test)
    {
        var random = new SplitMix64(7);
        var (numeric, categorical) = (0, 0);
        const int Repetitions = 4000;
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            if (DriftScore.OfNumbers("x", Draw(train), Draw(test)).IsBelow(0) == false) numeric++;
            var counts = new (long Train, long Test)[5];
            for (var i = 0; i < train; i++) counts[(int)random.Next(5)].Train++;
            for (var i = 0; i < test; i++) counts[(int)random.Next(5)].Test++;
            if (DriftScore.OfCategories("x", counts, 0.01).IsBelow(0) == false) categorical++;
        }

        Assert.InRange(numeric, 0, Repetitions / 400);
        Assert.InRange(categorical, 0, Repetitions / 400);

        NumberDistribution Draw(int count) => Numbers([.. Enumerable.Range(0, count).Select(_ => (double)(random.Next() >> 11))]);
    }

    [Fact]
    public void IsBelow_OtherDistribution_DriftsOnceThereAreRowsEnough()
    {
        var shifted = Numbers([.. Enumerable.Range(0, 100).Select(i => i + 40.0)]);
        Assert.False(DriftScore.OfNumbers("x", Numbers([.. Enumerable.Range(0, 100).Select(i => (double)i)]), shifted).IsBelow(0.2));
        Assert.True(DriftScore.OfNumbers("x", Numbers([0, 1, 2, 3, 4]), Numbers([2, 3, 4, 5, 6])).IsBelow(0.2));
    }

    private static NumberDistribution Numbers(double[] values)
    {
        var distribution = new NumberDistribution(int.MaxValue);
        distribution.Add(values);
        return distribution;
    }
}
