using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class ThresholdChoiceTests
{
    [Fact]
    public void ByCost_RandomScoresWithTiesAndWeights_IsTheBestOfAll()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var outcomes = Make([.. Enumerable.Range(0, 40).Select(_ => (Math.Round(random.NextDouble(), 1), random.Next(2), (double)random.Next(0, 4)))], isWeighted: true);
            var costs = new ThresholdCosts(random.NextDouble(), random.NextDouble() * 3, -random.NextDouble(), random.NextDouble() - 0.5);
            var chosen = ThresholdChoice.ByCost(outcomes, costs);
            var best = Enumerable.Range(0, 12).Select(i => ThresholdChoice.At(i / 10.0 - 0.05, outcomes, costs).ExpectedCost!.Value).Min();
            Assert.Equal(best, chosen.ExpectedCost!.Value, 1e-12);
            Assert.Equal(ThresholdChoice.At(chosen.Threshold, outcomes, costs).ToString(), chosen.ToString());
        }
    }

    [Fact]
    public void ByCost_KnownExample_SaysCountsAndCost()
    {
        var outcomes = Make((0.9, 1, 1), (0.8, 0, 1), (0.7, 1, 1), (0.7, 0, 1), (0.2, 0, 1), (0.1, 0, 1));
        var chosen = ThresholdChoice.ByCost(outcomes, new ThresholdCosts(1, 10));
        Assert.Equal(new ThresholdResult(0.7, 2, 2, 2, 0) { ExpectedCost = 2.0 / 6 }, chosen);
        Assert.Equal(0.5, chosen.Precision);
        Assert.Equal(1, chosen.Recall);
        // Where a false alarm is dear, nobody is taken, or only the sure ones.
        Assert.Equal(0.9, ThresholdChoice.ByCost(outcomes, new ThresholdCosts(10, 1)).Threshold);
        Assert.Equal(double.PositiveInfinity, ThresholdChoice.ByCost(Make((0.9, 0, 1), (0.1, 1, 1)), new ThresholdCosts(10, 1)).Threshold);
    }

    [Fact]
    public void ByPrecisionAndByRecall_Bounds_AreReachedOrNull()
    {
        var outcomes = Make((0.9, 1, 1), (0.8, 0, 1), (0.7, 1, 1), (0.6, 1, 1), (0.2, 0, 1));
        Assert.Equal(0.6, ThresholdChoice.ByPrecision(outcomes, 0.75)!.Threshold);
        Assert.Equal(0.9, ThresholdChoice.ByPrecision(outcomes, 0.8)!.Threshold);
        Assert.Equal(0.6, ThresholdChoice.ByRecall(outcomes, 0.9)!.Threshold);
        Assert.Null(ThresholdChoice.ByPrecision(Make((0.9, 0, 1), (0.8, 1, 1)), 0.9));
        Assert.Null(ThresholdChoice.ByRecall(Make((0.9, 0, 1)), 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdChoice.ByRecall(outcomes, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdChoice.ByPrecision(outcomes, double.NaN));
    }

    [Fact]
    public void ByCost_OneClass_IsDefinedAndNoRowsOrThreeClassesAreRefused()
    {
        var negatives = ThresholdChoice.ByCost(Make((0.9, 0, 1), (0.8, 0, 1)), new ThresholdCosts(1, 1));
        Assert.Equal(double.PositiveInfinity, negatives.Threshold);
        Assert.Null(negatives.Recall);
        Assert.Null(negatives.Precision);
        Assert.Throws<ArgumentException>(() => ThresholdChoice.ByCost(Make((0.9, 0, 0), (0.8, 0, 0)), new ThresholdCosts(1, 1)));
        Assert.Throws<ArgumentException>(() => ThresholdChoice.ByCost(new ModelOutcomes(["a", "b", "c"], [1, 0, 0], [0]), new ThresholdCosts(1, 1)));
        Assert.Throws<ArgumentException>(() => ThresholdChoice.ByCost(new ModelOutcomes([], [1], [0]), new ThresholdCosts(1, 1)));
        Assert.Throws<ArgumentException>(() => ThresholdChoice.ByCost(Make((0.9, 0, 1)), new ThresholdCosts(double.NaN, 1)));
        Assert.Throws<ArgumentException>(() => ThresholdChoice.At(double.NaN, Make((0.9, 0, 1))));
    }

    private static ModelOutcomes Make(params (double Score, int Label, double Weight)[] rows) => Make(rows, rows.Any(row => row.Weight != 1));

    private static ModelOutcomes Make((double Score, int Label, double Weight)[] rows, bool isWeighted)
        => new(["no", "yes"], [.. rows.SelectMany(row => new[] { 1 - row.Score, row.Score })], [.. rows.Select(row => (double)row.Label)], isWeighted ? [.. rows.Select(row => row.Weight)] : null);
}
