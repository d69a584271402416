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
        Assert.Equal((1, 1, -1), (outcomes.GetPredictedClass(1), outcomes.GetPredictedClass(4), outcomes.GetPredictedClass(2)));
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

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Constructor_WeightThatIsNone_IsRefused(double weight)
        => Assert.Contains("Weight 1", Assert.Throws<ArgumentException>(() => new ModelOutcomes([], [1, 2], [0, 1], [1, weight])).Message, StringComparison.Ordinal);

    [Fact]
    public void GetPredictedClass_Ties_GoToThePositiveOfTwoAndTheFirstOfMore()
    {
        var outcomes = new ModelOutcomes(["no", "yes"], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [1, 1, 1, 0]);
        var evaluated = new ClassificationEvaluator().Evaluate([0.5, 0.5, 0.5, 0.5], [true, true, true, false]);
        Assert.Equal(0.75, evaluated["accuracy"].Value);
        Assert.Equal(0.75, EvaluationResult.Of(outcomes)["accuracy"].Value);
        Assert.Equal(0.75, BinaryScores.Of(outcomes).At(0.5).Confusion.Accuracy().Value);
        Assert.Equal(3, ThresholdChoice.At(0.5, outcomes).TruePositives);
        Assert.Equal(3, ConfusionMatrix.Of(outcomes)[1, 1]);
        Assert.Equal(0, new ModelOutcomes(["a", "b", "c"], [0.4, 0.4, 0.2], [0]).GetPredictedClass(0));
        Assert.Equal((0, 1), (new ModelOutcomes(["no", "yes"], [3, 1], [0]).GetPredictedClass(0), new ModelOutcomes(["no", "yes"], [-3, -3], [0]).GetPredictedClass(0)));
    }

    [Fact]
    public void Weights_ThatAddUpToTooMuch_AreRefused()
    {
        double[] weights = [1e308, 1e308];
        Assert.Contains("Divide them", Assert.Throws<ArgumentException>(() => new ModelOutcomes([], [1, 2], [1, 2], weights)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new RegressionEvaluator().Evaluate([1, 2], [1, 2], weights));
        Assert.Throws<ArgumentException>(() => new ClassificationEvaluator().Evaluate([0.1, 0.9], [0, 1], weights));
    }

    [Fact]
    public void Compute_MetricOfAnotherTask_IsRefused()
    {
        var three = new ModelOutcomes(["a", "b", "c"], [0.5, 0.3, 0.2, 0.1, 0.6, 0.3], [0, 1]);
        var error = Assert.Throws<ArgumentException>(() => OutcomeMetrics.Get("roc_auc", ModelTask.BinaryClassification).Compute(three));
        Assert.Contains("OutcomeMetrics.Get(\"roc_auc\", ModelTask.MulticlassClassification)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1e-200)]
    [InlineData(1e-305)]
    [InlineData(1e305)]
    public void Metrics_TinyOrHugeWeights_AreThoseOfOnes(double weight)
    {
        var labels = new double[] { 0, 0, 1, 1, 0, 1 };
        double[] probabilities = [0.1, 0.4, 0.35, 0.8, 0.7, 0.6];
        double[] weights = [.. labels.Select(_ => weight)];
        var plain = new ModelOutcomes(["no", "yes"], [.. probabilities.SelectMany(p => new[] { 1 - p, p })], labels);
        Agree(plain, plain.WithWeights(weights));
        var numbers = new ModelOutcomes([], [1, 2, 3, 4, 5, 7], [1.5, 2, 2, 4.5, 5, 6]);
        Agree(numbers, numbers.WithWeights(weights));
        var three = new ModelOutcomes(["a", "b", "c"], [0.5, 0.3, 0.2, 0.1, 0.6, 0.3, 0.3, 0.3, 0.4, 0.2, 0.5, 0.3, 0.4, 0.4, 0.2, 0.1, 0.2, 0.7], [0, 1, 2, 0, 1, 2]);
        Agree(three, three.WithWeights(weights));

        // Those that are asked directly.
        double[] ranked = [0.1, 0.4, 0.35, 0.8], truth = [0, 0, 1, 1];
        Assert.Equal(0.75, BinaryScores.Of(ranked, truth, [weight, weight, weight, weight]).RocAuc().Value, 1e-12);
        Assert.Equal(DeLong.Of([ranked], truth).Covariance(0, 0).Value, DeLong.Of([ranked], truth, [weight, weight, weight, weight]).Covariance(0, 0).Value, 1e-12);

        static void Agree(ModelOutcomes ones, ModelOutcomes scaled)
        {
            foreach (var metric in OutcomeMetrics.All(ones.Task))
            {
                var (expected, actual) = (metric.Compute(ones), metric.Compute(scaled));
                Assert.True(expected.IsDefined == actual.IsDefined, metric.Name);
                if (expected.IsDefined) Assert.True(Math.Abs(expected.Value - actual.Value) < 1e-9, metric.Name);
            }
        }
    }
}
