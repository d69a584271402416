using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>Scores of several classes, rankings, clusters and groups: merging, weights and bad input.</summary>
public sealed class CollectorTests
{
    [Fact]
    public void MulticlassScores_Merged_AreOnePassBitForBit()
    {
        var random = new SplitMix64(3);
        var (whole, left, right) = (new MulticlassScores(3), new MulticlassScores(3), new MulticlassScores(3));
        for (var i = 0; i < 500; i++)
        {
            double[] raw = [random.Next() % 10 + 1, random.Next() % 10 + 1, random.Next() % 10 + 1];
            double[] probabilities = [.. raw.Select(value => value / raw.Sum())];
            var (label, weight) = ((int)(random.Next() % 3), random.Next() % 3);
            whole.Add(probabilities, label, weight);
            (i < 200 ? left : right).Add(probabilities, label, weight);
        }

        left.Merge(right);
        Assert.Equal(Figures(whole), Figures(left));
        Assert.All(Figures(whole), value => Assert.True(value.IsDefined));
        Assert.Equal(left.TopAccuracy(1).Value, left.Confusion(["a", "b", "c"]).Accuracy().Value, 1e-12);

        static MetricValue[] Figures(MulticlassScores scores)
            => [
                scores.RocAucOneVersusRest(Averaging.Weighted), scores.RocAucOneVersusRest(Averaging.Micro), scores.RocAucOneVersusOne(), scores.AveragePrecision(), scores.LogLoss(),
                scores.BrierSum(), scores.TopLabelCalibrationError(), scores.ClasswiseCalibrationError(), scores.TopAccuracy(2),
            ];
    }

    [Fact]
    public void MulticlassScores_BadInput_IsRefusedOrUndefined()
    {
        var scores = new MulticlassScores(3);
        Assert.Equal("no row has a label, a prediction and a weight", scores.LogLoss().UndefinedReason);
        Assert.Equal("no row has a label, a prediction and a weight", scores.TopAccuracy(1).UndefinedReason);
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.5], 0));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.5, double.NaN], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => scores.Add([0.5, 0.5, 0], 3));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.5, 0], 0, -1));
        Assert.Throws<ArgumentException>(() => scores.Merge(new MulticlassScores(2)));
        Assert.Throws<ArgumentException>(() => scores.RocAucOneVersusOne(Averaging.Micro));
        Assert.Throws<ArgumentOutOfRangeException>(() => new MulticlassScores(1));
        scores.Add([2, -1, 0], 0);
        Assert.Equal("a class has no true row", scores.RocAucOneVersusRest().UndefinedReason);
        Assert.Equal("a score is no probability from 0 to 1", scores.LogLoss().UndefinedReason);
        Assert.Equal("a score is no probability from 0 to 1", scores.ClasswiseCalibrationError().UndefinedReason);
    }

    [Fact]
    public void RankingScores_MergedAndWeighted_AreMeansOverQueries()
    {
        var (left, right) = (new RankingScores(), new RankingScores());
        left.Add([1, 0], [0.1, 0.9], 3);
        right.Add([1, 0], [0.9, 0.1]);
        right.Add([1, 0], [0.1, 0.9], 0);
        left.Merge(right);
        Assert.Equal((2, 0.625), (left.QueryCount, left.MeanReciprocalRank().Value));
        Assert.Equal(0.25, left.HitRate(1).Value);
        Assert.Equal("there is no query with a weight", new RankingScores().Ndcg().UndefinedReason);
        Assert.Throws<ArgumentException>(() => left.Add([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => left.Add([], []));
        Assert.Throws<ArgumentException>(() => left.Add([-1], [1]));
        Assert.Throws<ArgumentException>(() => left.Add([1], [double.NaN]));
        Assert.Throws<ArgumentException>(() => left.Add([1], [1], -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => left.Ndcg(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => left.Precision(0));
    }

    [Fact]
    public void ClusterAgreement_MergedAndWeighted_CountsCopies()
    {
        int[] classes = [1, 1, 2, 2, 3, 3], clusters = [1, 1, 1, 2, 2, 2];
        var repeated = ClusterAgreement.Of([.. classes, .. classes], [.. clusters, .. clusters]);
        var weighted = ClusterAgreement.Of(classes, clusters, [2, 2, 2, 2, 2, 2]);
        var merged = ClusterAgreement.Of(classes, clusters);
        merged.Merge(merged);
        foreach (var table in new[] { weighted, merged })
        {
            Assert.Equal(
                (repeated.AdjustedRand(), repeated.AdjustedMutualInformation(), repeated.Purity(), repeated.FowlkesMallows()),
                (table.AdjustedRand(), table.AdjustedMutualInformation(), table.Purity(), table.FowlkesMallows()));
        }

        Assert.Equal("a weight is no whole number", ClusterAgreement.Of(classes, clusters, [0.5, 1, 1, 1, 1, 1]).AdjustedMutualInformation().UndefinedReason);
        foreach (var weight in new[] { 0.1, 1.0 / 6, 0.5 })
        {
            var part = ClusterAgreement.Of(classes, clusters, [weight, weight, weight, weight, weight, weight]);
            Assert.All([part.RandIndex(), part.AdjustedRand(), part.FowlkesMallows()], value => Assert.Equal("a weight is no whole number", value.UndefinedReason));
        }

        Assert.Contains("10,000,000", ClusterAgreement.Of([0, 0, 1], [0, 1, 1], [1e10, 1e10, 1e10]).AdjustedMutualInformation().UndefinedReason, StringComparison.Ordinal);
        Assert.Equal("no row has a weight", new ClusterAgreement().Purity().UndefinedReason);
        Assert.Equal("no row has a weight", ClusterAgreement.Of([1], [1], [0]).VMeasure().UndefinedReason);
        Assert.Throws<ArgumentException>(() => ClusterAgreement.Of([1], [1, 2]));
        Assert.Throws<ArgumentException>(() => ClusterAgreement.Of([1], [1], [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => weighted.VMeasure(0));
    }

    [Fact]
    public void ClusterShape_WeightedOrCancelled_CountsCopiesOrStops()
    {
        double[] points = [0, 1, 2, 10, 11, 13];
        int[] clusters = [0, 0, 0, 1, 1, 1];
        var token = TestContext.Current.CancellationToken;
        var weighted = new ClusterShape(points, 1, clusters, [2, 1, 0, 1, 3, 1]);
        var repeated = new ClusterShape([0, 0, 1, 10, 11, 11, 11, 13], 1, [0, 0, 0, 1, 1, 1, 1, 1]);
        Assert.Equal(repeated.DaviesBouldin().Value, weighted.DaviesBouldin().Value, 1e-12);
        foreach (var weight in new[] { 0.2, 1e-300, 7, 1e300 })
        {
            var plain = new ClusterShape(points, 1, clusters);
            var scaled = new ClusterShape(points, 1, clusters, [weight, weight, weight, weight, weight, weight]);
            Assert.Equal(plain.Silhouette(token).Value, scaled.Silhouette(token).Value, 1e-12);
            Assert.Equal(plain.DaviesBouldin().Value, scaled.DaviesBouldin().Value, 1e-12);
            Assert.Equal(plain.CalinskiHarabasz().Value, scaled.CalinskiHarabasz().Value, 1e-9);
        }

        // By hand: of the point 0 with neighbours 1 (weight 1) and 2 (weight 3), and 10 and 12 alike: a = (1 + 6) / 4, b = 11.
        Assert.Equal((11 - 1.75) / 11, new ClusterShape([0, 1, 2, 10, 12], 1, [0, 0, 0, 1, 1], [5, 1, 3, 1, 1]).Silhouettes(token)[0], 1e-12);
        // A heavy point is still one point, whose silhouette is 0.
        Assert.Equal(0, new ClusterShape([0, 1, 9], 1, [0, 0, 1], [1, 1, 5]).Silhouettes(token)[2]);
        Assert.Equal("every point is a cluster of its own", new ClusterShape([0, 9], 1, [0, 1], [5, 5]).Silhouette(token).UndefinedReason);
        Assert.Equal("there is one cluster only", new ClusterShape(points, 2, [1, 1, 1]).DaviesBouldin().UndefinedReason);
        Assert.Equal("every point is a cluster of its own", new ClusterShape(points, 2, [1, 2, 3]).CalinskiHarabasz().UndefinedReason);
        Assert.Equal("no point has a weight", new ClusterShape([], 1, []).Silhouette(token).UndefinedReason);
        Assert.Throws<OperationCanceledException>(() => weighted.Silhouette(new CancellationToken(true)));
        Assert.Throws<ArgumentException>(() => new ClusterShape(points, 4, clusters));
        Assert.Throws<ArgumentException>(() => new ClusterShape([double.NaN], 1, [0]));
        Assert.Throws<ArgumentException>(() => new ClusterShape([1], 1, [0], [-1]));
    }

    [Fact]
    public void GroupFairness_OfOutcomes_LeavesOutWhatCannotBeJudged()
    {
        ModelOutcomes outcomes = new(["n", "y"], [0.2, 0.8, 0.9, 0.1, 0.3, 0.7, 0.6, 0.4, 0.1, 0.9, 0.1, 0.9], [1, 0, 0, 1, double.NaN, 1], [1, 1, 1, 2, 1, 1]);
        SliceColumn groups = new("sex", ["f", "m", "other"], [0, 0, 1, 1, 1, -1]);
        var fairness = GroupFairness.Of(outcomes, groups);
        Assert.Equal(["f", "m"], fairness.Rates.Select(rates => rates.Group));
        Assert.Equal((0.5, 1.0 / 3), (fairness.Rates[0].SelectionRate.Value, fairness.Rates[1].SelectionRate.Value));
        Assert.Equal(0.5 - (1.0 / 3), fairness.DemographicParityDifference().Value, 1e-15);
        Assert.Equal(1.0 - 0.0, fairness.AccuracyDifference().Value);
        Assert.Equal(0, fairness.AccuracyRatio().Value);
        Assert.Throws<ArgumentException>(() => GroupFairness.Of(new ModelOutcomes([], [1], [1]), groups));
        Assert.Throws<ArgumentException>(() => GroupFairness.Of(outcomes, new SliceColumn("x", [], [])));
        Assert.Throws<ArgumentOutOfRangeException>(() => GroupFairness.Of(outcomes, groups, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => fairness.Add(3, true, true));
        Assert.Throws<ArgumentException>(() => fairness.Add(0, true, true, -1));
        Assert.Throws<ArgumentException>(() => fairness.Merge(new GroupFairness(["f"])));
        Assert.Equal("no group has a row", new GroupFairness(["f", "m"]).EqualizedOddsDifference().UndefinedReason);
        var nobody = new GroupFairness(["f", "m"]);
        nobody.Add(0, false, false);
        nobody.Add(1, false, false);
        nobody.Merge(nobody);
        Assert.Equal("the rate of every group is 0", nobody.DemographicParityRatio().UndefinedReason);
        Assert.Equal("no row of the group was selected", nobody.PredictiveParityRatio().UndefinedReason);
        Assert.Equal(4, nobody.Rates.Sum(rates => rates.Weight));
    }
}
