using System.Text.Json;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>Metrics of outcomes against figures of scikit-learn.</summary>
public sealed class OutcomeMetricTests
{
    private static readonly JsonElement s_groups = JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "suites", "model", "metrics_golden.json"))).RootElement.GetProperty("groups");

    public static TheoryData<string> CasesOf(string group) => [.. s_groups.GetProperty(group).EnumerateArray().Select(test => test.GetProperty("id").GetString()!)];

    [Theory]
    [MemberData(nameof(CasesOf), "classification_labels")]
    public void Compute_PredictedLabels_AreThoseOfScikitLearn(string id)
    {
        var test = Find("classification_labels", id);
        var names = Texts(test, "label_order");
        double[] labels = [.. Texts(test, "y_true").Select(label => (double)Array.IndexOf(names, label))];
        var predictions = new double[labels.Length * names.Length];
        var predicted = Texts(test, "y_pred");
        for (var row = 0; row < labels.Length; row++) predictions[(row * names.Length) + Array.IndexOf(names, predicted[row])] = 1;
        var outcomes = new ModelOutcomes(names, predictions, labels, Weights(test));
        var counts = ConfusionCounts.Of(outcomes.Judged);
        var count = 0;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            count++;
            if (value.ValueKind == JsonValueKind.Array)
            {
                for (var i = 0; i < names.Length; i++)
                {
                    var figure = metric switch { "precision" => counts.GetPrecision(i), "recall" => counts.GetRecall(i), _ => counts.GetF1(i) };
                    Assert.Equal(value[i].GetDouble(), figure ?? 0, 1e-9);
                }

                continue;
            }

            var name = parameters.TryGetProperty("average", out var average) ? $"{metric}_{average.GetString()}" : metric;
            Agree(value, OutcomeMetrics.Evaluate(name, outcomes));
        }

        Assert.True(count >= 7);
    }

    [Theory]
    [MemberData(nameof(CasesOf), "binary_scores")]
    public void Compute_BinaryScores_AreThoseOfScikitLearn(string id)
    {
        var test = Find("binary_scores", id);
        double[] scores = Numbers(test, "y_score"), labels = Numbers(test, "y_true");
        var outcomes = new ModelOutcomes(["0", "1"], [.. scores.SelectMany(score => new[] { 1 - score, score })], labels, Weights(test));
        var judged = outcomes.Judged;
        foreach (var (metric, parameters, value) in Expected(test))
        {
            switch (metric)
            {
                case "brier": Agree(value, ProbabilityLoss.Brier(judged, 1)); break;
                case "ece": Agree(value, ReliabilityBin.ExpectedError(ReliabilityBin.Fill(judged, 1, parameters.GetProperty("bins").GetInt32()))); break;
                default: Agree(value, OutcomeMetrics.Evaluate(metric, outcomes)); break;
            }
        }
    }

    [Theory]
    [MemberData(nameof(CasesOf), "multiclass_scores")]
    public void Compute_MulticlassScores_AreThoseOfScikitLearn(string id)
    {
        var test = Find("multiclass_scores", id);
        var classes = test.GetProperty("inputs").GetProperty("n_classes").GetInt32();
        double[] probabilities = [.. test.GetProperty("inputs").GetProperty("y_prob").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(number => number.GetDouble())];
        var outcomes = new ModelOutcomes([.. Enumerable.Range(0, classes).Select(i => $"{i}")], probabilities, Numbers(test, "y_true"), Weights(test));
        foreach (var (metric, parameters, value) in Expected(test))
        {
            if (metric == "classwise_ece") Agree(value, Enumerable.Range(0, classes).Average(i => ReliabilityBin.ExpectedError(ReliabilityBin.Fill(outcomes.Judged, i, parameters.GetProperty("bins").GetInt32()))));
            else Agree(value, OutcomeMetrics.Evaluate(metric, outcomes));
        }
    }

    [Theory]
    [MemberData(nameof(CasesOf), "regression")]
    public void Compute_PredictedNumbers_AreThoseOfScikitLearn(string id)
    {
        var test = Find("regression", id);
        var outcomes = new ModelOutcomes([], Numbers(test, "y_pred"), Numbers(test, "y_true"), Weights(test));
        foreach (var (metric, _, value) in Expected(test))
        {
            var judged = outcomes.Judged;
            if (metric == "mean_bias") Agree(value, RegressionErrors.Of(judged.Predictions, judged.Labels, judged.Weights).Bias);
            else Agree(value, OutcomeMetrics.Evaluate(metric, outcomes));
        }
    }

    [Fact]
    public void Compute_NothingToJudgeOrAnotherTask_SaysSo()
    {
        var nothing = OutcomeMetrics.Evaluate("accuracy", new ModelOutcomes(["a", "b"], [], []));
        Assert.Equal((null, "no row has a label, a prediction and a weight"), (nothing.Value, nothing.UndefinedReason));
        Assert.Contains("rmse", Assert.Throws<EntityNotFoundException>(() => OutcomeMetrics.Evaluate("accuracy", new ModelOutcomes([], [1], [1]))).Message, StringComparison.Ordinal);
        Assert.Contains("f1_macro", Assert.Throws<ArgumentException>(() => OutcomeMetrics.Check("f2")).Message, StringComparison.Ordinal);
    }

    private static JsonElement Find(string group, string id) => s_groups.GetProperty(group).EnumerateArray().Single(test => test.GetProperty("id").GetString() == id);

    private static IEnumerable<(string Metric, JsonElement Parameters, JsonElement Value)> Expected(JsonElement test)
        => test.GetProperty("expected").EnumerateArray().Select(item => (item.GetProperty("metric").GetString()!, item.GetProperty("params"), item.GetProperty("value")));

    private static double[] Numbers(JsonElement test, string name) => [.. test.GetProperty("inputs").GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

    private static double[]? Weights(JsonElement test) => test.GetProperty("inputs").TryGetProperty("sample_weight", out _) ? Numbers(test, "sample_weight") : null;

    private static string[] Texts(JsonElement test, string name) => [.. test.GetProperty("inputs").GetProperty(name).EnumerateArray().Select(item => item.ToString())];

    private static void Agree(JsonElement expected, EvaluationMetric actual)
    {
        if (expected.ValueKind != JsonValueKind.Number)
        {
            Assert.Null(actual.Value);
            Assert.NotNull(actual.UndefinedReason);
            return;
        }

        Agree(expected, actual.Value!.Value);
    }

    private static void Agree(JsonElement expected, double actual) => Assert.Equal(expected.GetDouble(), actual, 1e-9 + (1e-9 * Math.Abs(expected.GetDouble())));
}
