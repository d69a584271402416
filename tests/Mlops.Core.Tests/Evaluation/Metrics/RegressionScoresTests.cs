using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class RegressionScoresTests
{
    [Fact]
    public void Merge_OfPartials_IsOnePassBitForBit()
    {
        var (predictions, labels, weights) = Rows(3000);
        var (whole, merged) = (RegressionScores.Of(predictions, labels, weights), new RegressionScores());
        for (var start = 0; start < 3000; start += 700)
        {
            var range = start..Math.Min(3000, start + 700);
            merged.Merge(RegressionScores.Of(predictions[range], labels[range], weights[range]));
        }

        Assert.Equal(Figures(whole), Figures(merged));
        Assert.Equal(whole.ResidualCurve().Bins, merged.ResidualCurve().Bins);
    }

    [Fact]
    public void Merge_OfMoments_IsOnePassToRounding()
    {
        var (predictions, labels, weights) = Rows(3000);
        // Far from 0, where plain sums of squares would lose every digit.
        for (var i = 0; i < labels.Length; i++) (predictions[i], labels[i]) = (predictions[i] + 1e8, labels[i] + 1e8);
        var (whole, left, right) = (new RegressionMoments(), new RegressionMoments(), new RegressionMoments());
        whole.Add(predictions, labels, weights);
        left.Add(predictions.AsSpan(0, 100), labels.AsSpan(0, 100), weights.AsSpan(0, 100));
        right.Add(predictions.AsSpan(100), labels.AsSpan(100), weights.AsSpan(100));
        left.Merge(right);
        left.Merge(new RegressionMoments());
        Assert.Equal(whole.RSquared().Value, left.RSquared().Value, 1e-10);
        Assert.Equal(whole.Pearson().Value, left.Pearson().Value, 1e-10);
        Assert.Equal(whole.ExplainedVariance().Value, left.ExplainedVariance().Value, 1e-10);
        Assert.Equal(whole.Huber().Value, left.Huber().Value, 1e-10);
        Assert.Equal((whole.RowCount, whole.MaximumError()), (left.RowCount, left.MaximumError()));
        Assert.Throws<ArgumentException>(() => left.Merge(new RegressionMoments(2)));
    }

    [Fact]
    public void Weights_OfWholeNumbers_AreRepetitions()
    {
        var (predictions, labels, _) = Rows(120);
        for (var i = 0; i < labels.Length; i++) (predictions[i], labels[i]) = (Math.Round(predictions[i]), Math.Round(labels[i]));
        int[] copies = [.. Enumerable.Range(0, 120).Select(i => i % 4)];
        int[] repeated = [.. Enumerable.Range(0, 120).SelectMany(i => Enumerable.Repeat(i, copies[i]))];
        var weighted = RegressionScores.Of(predictions, labels, [.. copies.Select(count => (double)count)]);
        var whole = RegressionScores.Of([.. repeated.Select(i => predictions[i])], [.. repeated.Select(i => labels[i])]);
        Assert.All(Figures(whole).Zip(Figures(weighted)), pair => Assert.Equal(pair.First!.Value, pair.Second!.Value, 1e-11));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void KendallTauB_OfRandomRows_CountsPairs(int rows)
    {
        var (x, y, weights) = Rows(rows);
        for (var i = 0; i < rows; i++) (x[i], y[i], weights[i]) = (Math.Round(x[i] / 3) + (i % 2), Math.Round(y[i] / 3) - (i % 2), weights[i] + 0.5);
        double balance = 0, untiedX = 0, untiedY = 0;
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var (a, b, weight) = (Math.Sign(x[i] - x[j]), Math.Sign(y[i] - y[j]), weights[i] * weights[j]);
                balance += weight * a * b;
                untiedX += weight * a * a;
                untiedY += weight * b * b;
            }
        }

        Assert.Equal(balance / Math.Sqrt(untiedX * untiedY), RegressionScores.Of(x, y, weights).KendallTauB().Value, 1e-12);
    }

    [Fact]
    public void Figures_WithoutWhatTheyNeed_AreUndefinedWithTheReason()
    {
        var nothing = RegressionScores.Of([1, 2], [1, 3], [0, 0]);
        Assert.All(Figures(nothing), Assert.Null);
        Assert.Equal("no row has a label, a prediction and a weight", nothing.MedianAbsoluteError().UndefinedReason);
        Assert.Equal("no row has a label, a prediction and a weight", nothing.ResidualCurve().UndefinedReason);
        Assert.Equal("one row has no spread", RegressionScores.Of([1], [2]).Moments.RSquared().UndefinedReason);
        // A third is no number of two digits: the mean of its copies is another one, but they are constant none the less.
        var constant = RegressionScores.Of([1, 2, 3], [0.1, 0.1, 0.1]);
        Assert.Equal(0, constant.Moments.RSquared().Value);
        Assert.Equal("labels or predictions are constant", constant.Moments.Pearson().UndefinedReason);
        Assert.Equal("labels or predictions are constant", constant.Spearman().UndefinedReason);
        Assert.Equal("labels or predictions are constant", constant.KendallTauB().UndefinedReason);
        var negative = RegressionScores.Of([-2, 1], [1, 1]).Moments;
        Assert.Equal("a label or prediction is −1 or below", negative.RootMeanSquaredLogarithmicError().UndefinedReason);
        Assert.False(negative.PoissonDeviance().IsDefined || negative.GammaDeviance().IsDefined);
        Assert.Equal("all residuals are the same", RegressionScores.Of([2, 3], [1, 2]).ErrorKurtosis().UndefinedReason);
        // Numbers too large to square are undefined, not NaN.
        Assert.False(RegressionScores.Of([1e300, -1e300, 1], [-1e300, 1e300, 1]).Moments.RSquared() is { IsDefined: true, Value: double.NaN });
    }

    [Fact]
    public void Add_BadInput_IsRefusedAndAddsNothing()
    {
        var scores = RegressionScores.Of([1], [1]);
        Assert.Throws<ArgumentException>(() => scores.Add([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => scores.Add([double.NaN], [1]));
        Assert.Throws<ArgumentException>(() => scores.Add([1, 1], [1, double.NegativeInfinity]));
        Assert.Throws<ArgumentException>(() => scores.Add([1, 1], [1, 1], [1, -0.5]));
        Assert.Throws<ArgumentException>(() => scores.Add([1, 1], [1, 1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => scores.ResidualCurve(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => scores.Moments.Pinball(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RegressionMoments(0));
        Assert.Throws<ArgumentException>(() => RegressionScores.Of(new ModelOutcomes(["a", "b"], [1, 0], [0])));
        Assert.Equal(1, scores.RowCount);
    }

    [Fact]
    public void ResidualCurve_OfRows_CutsThemByPrediction()
    {
        double[] predictions = [.. Enumerable.Range(0, 1000).Select(i => (double)(i / 2))];
        double[] labels = [.. predictions.Select((prediction, i) => prediction - (i % 2 == 0 ? 1 : -2))];
        var curve = RegressionScores.Of(predictions, labels).ResidualCurve(10);
        Assert.Equal(10, curve.Bins.Count);
        Assert.All(curve.Bins, bin => Assert.Equal((100, -2.0, -0.5, 1.0), (bin.RowCount, bin.Quantile05, bin.Median, bin.Quantile95)));
        Assert.Equal((0.0, 49.0, 24.5, -0.5), (curve.Bins[0].Lower, curve.Bins[0].Upper, curve.Bins[0].MeanPrediction, curve.Bins[0].MeanResidual));
        Assert.Single(RegressionScores.Of([1, 1, 1], [1, 2, 3]).ResidualCurve(10).Bins);
    }

    private static (double[] Predictions, double[] Labels, double[] Weights) Rows(int count)
    {
        var random = new SplitMix64(17);
        var (predictions, labels, weights) = (new double[count], new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            labels[i] = 1 + (random.Next() % 1000 / 100.0);
            predictions[i] = labels[i] + (random.Next() % 300 / 100.0) - 1;
            weights[i] = random.Next() % 4 / 2.0;
        }

        return (predictions, labels, weights);
    }

    private static double?[] Figures(RegressionScores scores)
        => [.. new[]
        {
            scores.Moments.RootMeanSquaredError(), scores.Moments.MeanAbsoluteError(), scores.Moments.RSquared(), scores.Moments.ExplainedVariance(), scores.Moments.MeanAbsolutePercentageError(),
            scores.Moments.SymmetricMeanAbsolutePercentageError(), scores.Moments.Pinball(0.3), scores.Moments.Huber(), scores.Moments.Pearson(), scores.Moments.MeanBias(),
            scores.MedianAbsoluteError(), scores.Spearman(), scores.KendallTauB(), scores.ErrorKurtosis(),
        }.Select(value => value.ValueOrNull)];
}
