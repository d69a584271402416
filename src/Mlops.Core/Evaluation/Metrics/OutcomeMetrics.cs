namespace Mlops.Evaluation;

/// <summary>The metrics in the box, by name; each is defined in docs/metrics.md.</summary>
/// <remarks>Metrics of the same outcomes share their sorted scores and counts, so that all of them cost little more than the dearest one.</remarks>
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

    private static readonly OutcomeMetric[] s_binary = BinaryMetrics.All[..BinaryMetrics.Main];
    private static readonly OutcomeMetric[] s_multiclass = MulticlassMetrics.All[..MulticlassMetrics.Main];
    private static readonly OutcomeMetric[] s_regression = RegressionMetrics.All[..RegressionMetrics.Main];

    /// <summary>Gets the metrics of a task that say most: what is computed where none are named.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The metrics.</returns>
    public static IReadOnlyList<OutcomeMetric> Of(ModelTask task) => task switch
    {
        ModelTask.Regression => s_regression,
        ModelTask.BinaryClassification => s_binary,
        _ => s_multiclass,
    };

    /// <summary>Gets all metrics of a task, the ones that say most first.</summary>
    /// <param name="task">The task.</param>
    /// <returns>The metrics.</returns>
    public static IReadOnlyList<OutcomeMetric> All(ModelTask task) => task switch
    {
        ModelTask.Regression => RegressionMetrics.All,
        ModelTask.BinaryClassification => BinaryMetrics.All,
        _ => MulticlassMetrics.All,
    };

    /// <summary>Gets a metric of a task by its name.</summary>
    /// <param name="name">The name: <c>rmse</c>.</param>
    /// <param name="task">The task.</param>
    /// <returns>The metric.</returns>
    /// <exception cref="EntityNotFoundException">The task has no such metric; the message lists those that it has.</exception>
    public static OutcomeMetric Get(string name, ModelTask task)
    {
        ArgumentNullException.ThrowIfNull(name);
        var known = All(task);
        return known.FirstOrDefault(metric => metric.Name == name)
            ?? throw new EntityNotFoundException("metric", name, $"'{name}' does not judge a {TextOf(task)}. Choose one of: {string.Join(", ", known)}.");
    }

    /// <summary>Computes metrics of the rows of each value of a column. Those of two classes are computed together, by one walk over the sorted scores.</summary>
    /// <param name="outcomes">The outcomes; rows that cannot be judged are left out.</param>
    /// <param name="column">The column, as many rows as the outcomes.</param>
    /// <param name="metrics">The metrics; <see langword="null"/> for those of the task (<see cref="Of"/>).</param>
    /// <returns>The figures of each value, by its code, and at last those of the rows without a value.</returns>
    /// <exception cref="ArgumentException">The column has another number of rows.</exception>
    public static IReadOnlyList<EvaluationResult> EvaluateSlices(ModelOutcomes outcomes, SliceColumn column, IEnumerable<OutcomeMetric>? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(column);
        if (column.RowCount != outcomes.RowCount) throw new ArgumentException($"The column '{column.Name}' has {column.RowCount} rows; there are {outcomes.RowCount} outcomes.", nameof(column));
        OutcomeMetric[] asked = [.. metrics ?? Of(outcomes.Task)];
        return SliceFigures.Compute(outcomes, column, asked);
    }

    /// <summary>Refuses a name that is none of a metric.</summary>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    internal static string Check(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        string[] known = [.. Enum.GetValues<ModelTask>().SelectMany(All).Select(known => known.Name).Distinct(StringComparer.Ordinal)];
        return known.Contains(metric, StringComparer.Ordinal)
            ? metric
            : throw new ArgumentException($"There is no metric '{metric}' here. Choose one of: {string.Join(", ", known)}.", nameof(metric));
    }

    /// <summary>Computes a figure by its name.</summary>
    internal static EvaluationMetric Evaluate(string metric, ModelOutcomes outcomes) => Get(metric, outcomes.Task).Evaluate(outcomes);

    internal static string TextOf(ModelTask task) => task switch
    {
        ModelTask.Regression => "regression",
        ModelTask.BinaryClassification => "classification of two classes",
        _ => "classification of more than two classes",
    };
}
