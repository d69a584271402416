using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class ModelOutcomesTests
{
    [Fact]
    public void Judged_RowsThatCannotBe_AreLeftOutAndCounted()
    {
        var outcomes = new ModelOutcomes(
            ["a", "b"],
            [0.9, 0.1, 0.2, 0.8, double.NaN, 0.5, 0.4, 0.6, 0.5, 0.5, 0.3, 0.7],
            [0, double.NaN, 1, ModelOutcomes.UnknownClass, 1, 0],
            [1, 1, 1, 1, 2, 0]);
        Assert.Equal((6, 1, 1, 1), (outcomes.RowCount, outcomes.MissingLabelCount, outcomes.UnknownLabelCount, outcomes.MissingPredictionCount));
        Assert.Equal([0.0, 1], outcomes.Judged.Labels.ToArray());
        Assert.Equal([1.0, 2], outcomes.Judged.Weights.ToArray());
        Assert.Same(outcomes.Judged, outcomes.Judged.Judged);
        Assert.Equal((1, 0, -1), (outcomes.GetPredictedClass(1), outcomes.GetPredictedClass(4), outcomes.GetPredictedClass(2)));
    }

    [Fact]
    public void Select_Rows_KeepsWhatBelongsTogether()
    {
        var outcomes = new ModelOutcomes(["a", "b"], [0.9, 0.1, 0.2, 0.8, 0.4, 0.6], [0, 1, ModelOutcomes.UnknownClass], [1, 2, 3]).Select([2, 0]);
        Assert.Equal([0.4, 0.6, 0.9, 0.1], outcomes.Predictions.ToArray());
        Assert.Equal([-1.0, 0], outcomes.Labels.ToArray());
        Assert.Equal([3.0, 1], outcomes.Weights.ToArray());
    }

    [Fact]
    public void Constructor_ArraysThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new ModelOutcomes(["a", "b"], [1], [0]));
        Assert.Throws<ArgumentException>(() => new ModelOutcomes([], [1], [0], [1, 2]));
        Assert.Throws<ArgumentException>(() => new ModelOutcomes(["a", "b"], [1, 0], [2]));
        Assert.Throws<ArgumentException>(() => new ModelOutcomes(["a", "b"], [1, 0], [0.5]));
    }
}
