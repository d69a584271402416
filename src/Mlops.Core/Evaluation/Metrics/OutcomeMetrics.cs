using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>The metrics in the box, by name.</summary>
public static class OutcomeMetrics
{
    /// <summary>The share of right decisions.</summary>
    public const string Accuracy = ClassificationEvaluator.Accuracy;

    /// <summary>The plain mean over the classes of the harmonic mean of precision and recall.</summary>
    public const string MacroF1 = "f1_macro";

    /// <summary>The area under the ROC curve: of two classes that of the positive one, of more the plain mean over the classes.</summary>
    public const string RocAuc = ClassificationEvaluator.RocAuc;

    /// <summary>The mean negative log-likelihood, in nats.</summary>
    public const string LogLoss = ClassificationEvaluator.LogLoss;

    /// <summary>The root mean squared error, in the label's unit.</summary>
    public const string Rmse = RegressionEvaluator.Rmse;

    /// <summary>The mean absolute error, in the label's unit.</summary>
    public const string Mae = RegressionEvaluator.Mae;

    /// <summary>The coefficient of determination.</summary>
    public const string R2 = RegressionEvaluator.R2;

    private static readonly OutcomeMetric[] s_ofClasses =
    [
        Best(Accuracy, judged => ConfusionCounts.Of(judged).Accuracy),
        Best("balanced_accuracy", judged => ConfusionCounts.Of(judged).BalancedAccuracy),
        Best("precision_macro", judged => ConfusionCounts.Of(judged).MacroPrecision),
        Best("recall_macro", judged => ConfusionCounts.Of(judged).MacroRecall),
        Best(MacroF1, judged => ConfusionCounts.Of(judged).MacroF1),
        Best("f1_weighted", judged => ConfusionCounts.Of(judged).WeightedF1),
        Best(RocAuc, MacroRocAuc),
        Least(LogLoss, judged => ProbabilityLoss.MeanLog(judged)),
    ];

    private static readonly OutcomeMetric[] s_ofNumbers =
    [
        Least(Rmse, judged => Errors(judged).Rmse),
        Least(Mae, judged => Errors(judged).Mae),
        Best(R2, judged => Errors(judged).R2 is { } r2 ? r2 : MetricValue.Undefined("one row has no spread")),
    ];

    /// <summary>Gets the metrics of a task, the ones that say most first.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The metrics.</returns>
    public static IReadOnlyList<OutcomeMetric> Of(ModelTask task) => task == ModelTask.Regression ? s_ofNumbers : s_ofClasses;

    /// <summary>Gets a metric of a task by its name.</summary>
    /// <param name="name">The name: <c>rmse</c>.</param>
    /// <param name="task">The task.</param>
    /// <returns>The metric.</returns>
    /// <exception cref="EntityNotFoundException">The task has no such metric; the message lists those that it has.</exception>
    public static OutcomeMetric Get(string name, ModelTask task)
    {
        ArgumentNullException.ThrowIfNull(name);
        var known = Of(task);
        return known.FirstOrDefault(metric => metric.Name == name)
            ?? throw new EntityNotFoundException("metric", name, $"'{name}' does not judge a {(task == ModelTask.Regression ? "regression" : "classification")}. Choose one of: {string.Join(", ", known)}.");
    }

    /// <summary>Refuses a name that is none of a metric.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    internal static string Check(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        var known = s_ofClasses.Concat(s_ofNumbers).Select(known => known.Name).ToArray();
        return known.Contains(metric, StringComparer.Ordinal)
            ? metric
            : throw new ArgumentException($"There is no metric '{metric}' here. Choose one of: {string.Join(", ", known)}.", nameof(metric));
    }

    /// <summary>Computes a figure by its name.</summary>
    internal static EvaluationMetric Evaluate(string metric, ModelOutcomes outcomes) => Get(metric, outcomes.Task).Evaluate(outcomes);

    /// <summary>The area under the ROC curve of one class against all others.</summary>
    internal static double? RocAucOf(ModelOutcomes judged, int position)
    {
        var scored = new (double, bool, double)[judged.RowCount];
        for (var row = 0; row < scored.Length; row++) scored[row] = (judged.GetPredictions(row)[position], judged.Labels[row] == position, judged.GetWeight(row));
        return AreaUnderRoc.Compute(scored);
    }

    private static MetricValue MacroRocAuc(ModelOutcomes judged)
    {
        double sum = 0;
        var first = judged.Classes.Count == 2 ? 1 : 0;
        for (var position = first; position < judged.Classes.Count; position++)
        {
            if (RocAucOf(judged, position) is not { } area)
                return MetricValue.Undefined(judged.Classes.Count == 2 ? AreaUnderRoc.UndefinedReason : $"the rows of class '{judged.Classes[position]}' are none or all");
            sum += area;
        }

        return sum / (judged.Classes.Count - first);
    }

    private static RegressionErrors Errors(ModelOutcomes judged) => RegressionErrors.Of(judged.Predictions, judged.Labels, judged.Weights);

    private static OutcomeMetric Best(string name, Func<ModelOutcomes, MetricValue> compute) => new(name, MetricDirection.Maximize, compute);

    private static OutcomeMetric Least(string name, Func<ModelOutcomes, MetricValue> compute) => new(name, MetricDirection.Minimize, compute);
}
