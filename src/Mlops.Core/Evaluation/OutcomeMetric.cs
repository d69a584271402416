using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>Computes figures of outcomes by name, with weights, and says when they are undefined.</summary>
internal static class OutcomeMetric
{
    public const string Accuracy = ClassificationEvaluator.Accuracy;
    public const string MacroF1 = "f1_macro";
    public const string RocAuc = ClassificationEvaluator.RocAuc;
    public const string LogLoss = ClassificationEvaluator.LogLoss;
    public const string Rmse = RegressionEvaluator.Rmse;

    private const string NoRow = "no row has a label, a prediction and a weight";

    private static readonly OrderedDictionary<string, Func<ModelOutcomes, EvaluationMetric>> s_ofClasses = new(StringComparer.Ordinal)
    {
        [Accuracy] = judged => Best(Accuracy, ConfusionCounts.Of(judged).Accuracy),
        ["balanced_accuracy"] = judged => Best("balanced_accuracy", ConfusionCounts.Of(judged).BalancedAccuracy),
        ["precision_macro"] = judged => Best("precision_macro", ConfusionCounts.Of(judged).MacroPrecision),
        ["recall_macro"] = judged => Best("recall_macro", ConfusionCounts.Of(judged).MacroRecall),
        [MacroF1] = judged => Best(MacroF1, ConfusionCounts.Of(judged).MacroF1),
        ["f1_weighted"] = judged => Best("f1_weighted", ConfusionCounts.Of(judged).WeightedF1),
        [RocAuc] = MacroRocAuc,
        [LogLoss] = judged => Least(LogLoss, ProbabilityLoss.MeanLog(judged)),
    };

    private static readonly OrderedDictionary<string, Func<ModelOutcomes, EvaluationMetric>> s_ofNumbers = new(StringComparer.Ordinal)
    {
        [Rmse] = judged => Least(Rmse, Errors(judged).Rmse),
        [RegressionEvaluator.Mae] = judged => Least(RegressionEvaluator.Mae, Errors(judged).Mae),
        [RegressionEvaluator.R2] = judged => Errors(judged).R2 is { } r2 ? Best(RegressionEvaluator.R2, r2) : Undefined(RegressionEvaluator.R2, MetricDirection.Maximize, "one row has no spread"),
    };

    /// <summary>Computes a figure.</summary>
    /// <exception cref="NotSupportedException">The metric is none of the model's task.</exception>
    public static EvaluationMetric Compute(string metric, ModelOutcomes outcomes)
    {
        var known = outcomes.IsClassification ? s_ofClasses : s_ofNumbers;
        if (!known.TryGetValue(metric, out var compute))
            throw new NotSupportedException($"'{metric}' does not judge a {(outcomes.IsClassification ? "classification" : "regression")}. Choose one of: {string.Join(", ", known.Keys)}.");
        var judged = outcomes.Judged;
        return judged.RowCount > 0 ? compute(judged) : Undefined(metric, metric is LogLoss or Rmse or RegressionEvaluator.Mae ? MetricDirection.Minimize : MetricDirection.Maximize, NoRow);
    }

    /// <summary>Refuses a name that is none of a metric.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public static string Check(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return s_ofClasses.ContainsKey(metric) || s_ofNumbers.ContainsKey(metric)
            ? metric
            : throw new ArgumentException($"There is no metric '{metric}' here. Choose one of: {string.Join(", ", s_ofClasses.Keys.Concat(s_ofNumbers.Keys))}.", nameof(metric));
    }

    /// <summary>The area under the ROC curve of one class against all others.</summary>
    public static double? RocAucOf(ModelOutcomes judged, int position)
    {
        var scored = new (double, bool, double)[judged.RowCount];
        for (var row = 0; row < scored.Length; row++) scored[row] = (judged.GetPredictions(row)[position], judged.Labels[row] == position, judged.GetWeight(row));
        return AreaUnderRoc.Compute(scored);
    }

    /// <summary>Of two classes the area of the last, positive, one; of more the plain mean over the classes.</summary>
    private static EvaluationMetric MacroRocAuc(ModelOutcomes judged)
    {
        double sum = 0;
        var first = judged.Classes.Count == 2 ? 1 : 0;
        for (var position = first; position < judged.Classes.Count; position++)
        {
            if (RocAucOf(judged, position) is not { } area)
                return Undefined(RocAuc, MetricDirection.Maximize, judged.Classes.Count == 2 ? AreaUnderRoc.UndefinedReason : $"the rows of class '{judged.Classes[position]}' are none or all");
            sum += area;
        }

        return Best(RocAuc, sum / (judged.Classes.Count - first));
    }

    private static RegressionErrors Errors(ModelOutcomes judged) => RegressionErrors.Of(judged.Predictions, judged.Labels, judged.Weights);

    private static EvaluationMetric Best(string name, double value) => new(name, value, MetricDirection.Maximize);

    private static EvaluationMetric Least(string name, double value) => new(name, value, MetricDirection.Minimize);

    private static EvaluationMetric Undefined(string name, MetricDirection direction, string reason) => new(name, null, direction) { UndefinedReason = reason };
}
