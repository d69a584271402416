using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class ConfusionMatrixTests
{
    [Fact]
    public void Merge_OfPartials_IsOnePass()
    {
        var (whole, left, right) = (new ConfusionMatrix(["a", "b", "c"]), new ConfusionMatrix(["a", "b", "c"]), new ConfusionMatrix(["a", "b", "c"]));
        for (var i = 0; i < 1000; i++)
        {
            var (truth, predicted, weight) = (i * 7 % 3, i * 11 % 5 % 3, i % 4);
            whole.Add(truth, predicted, weight);
            (i < 300 ? left : right).Add(truth, predicted, weight);
        }

        left.Merge(right);
        for (var i = 0; i < 9; i++) Assert.Equal(whole[i / 3, i % 3], left[i / 3, i % 3]);
        Assert.Equal((whole.F1(Averaging.Macro), whole.Matthews(), whole.CohenKappa(KappaWeighting.Linear)), (left.F1(Averaging.Macro), left.Matthews(), left.CohenKappa(KappaWeighting.Linear)));
    }

    [Fact]
    public void Figures_WithoutWhatTheyNeed_AreUndefinedWithTheReason()
    {
        var matrix = new ConfusionMatrix(["n", "y"]);
        Assert.All(
            [matrix.Accuracy(), matrix.ZeroOneLoss(), matrix.BalancedAccuracy(), matrix.Precision(Averaging.Micro), matrix.F1(Averaging.Macro), matrix.Matthews(), matrix.CohenKappa()],
            value => Assert.Equal("no row has a label, a prediction and a weight", value.UndefinedReason));
        matrix.Add(0, 0, 2);
        Assert.Equal("no row was taken for the class", matrix.Precision(1).UndefinedReason);
        Assert.Equal("no row is of the class", matrix.Recall(1).UndefinedReason);
        Assert.False(matrix.F1(1).IsDefined || matrix.Jaccard(1).IsDefined || matrix.Specificity(0).IsDefined || matrix.CohenKappa().IsDefined || matrix.BalancedAccuracy(isAdjusted: true).IsDefined);
        Assert.Equal((1.0, 0.0, 1.0), (matrix.Accuracy().Value, matrix.Matthews().Value, matrix.Specificity(1).Value));
    }

    [Fact]
    public void Add_BadInput_IsRefused()
    {
        var matrix = new ConfusionMatrix(["n", "y"]);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Add(0, -1));
        Assert.Throws<ArgumentException>(() => matrix.Add(0, 0, -1));
        Assert.Throws<ArgumentException>(() => matrix.Add(0, 0, double.NaN));
        Assert.Throws<ArgumentException>(() => matrix.Merge(new ConfusionMatrix(["y", "n"])));
        Assert.Throws<ArgumentException>(() => new ConfusionMatrix(["n", "n"]));
        Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of(["a"], ["a", "b"]));
        Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of(["a"], ["b"], classes: ["a"]));
        Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of(["a"], ["b"], [-1]));
        Assert.Throws<ArgumentException>(() => ConfusionMatrix.Of(new ModelOutcomes([], [1], [1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.FBeta(0, 0));
        Assert.Throws<InvalidOperationException>(() => matrix.Restrict(["y"]).Add(0, 0));
        Assert.Equal(0, matrix.Total);
    }
}
