using System.ComponentModel.DataAnnotations;
using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>What an evaluation looks at. Every part has a default that is right for most models.</summary>
public sealed class EvaluationOptions
{
    /// <summary>Gets or sets the columns by whose values rows are judged apart: one column, or several of which every combination is a slice.</summary>
    /// <value>The default value is empty; <see cref="IncludesSensitive"/> adds to it.</value>
    /// <example><code>new EvaluationOptions { Slices = [["plan"], ["region", "age"]] }</code></example>
    public IReadOnlyList<IReadOnlyList<string>> Slices { get; set; } = [];

    /// <summary>Gets or sets whether rows are also judged apart by each column of the role <see cref="ColumnRole.Sensitive"/>.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool IncludesSensitive { get; set; } = true;

    /// <summary>Gets or sets the number of slices of a column; rarer values are one slice together (<see cref="SliceColumn.MergedCodes"/>), in which a gate cannot protect each of them.</summary>
    /// <remarks>Texts of a column of the role <see cref="ColumnRole.Sensitive"/> are slices of their own up to 1,000 values.</remarks>
    /// <value>The default value is 20.</value>
    [Range(2, 1000)]
    public int MaximumSliceValues { get; set; } = 20;

    /// <summary>Gets or sets into how many slices of about as many rows the numbers of a column are divided; whole numbers of few different values are a slice each.</summary>
    /// <value>The default value is 5.</value>
    [Range(2, 100)]
    public int SliceBins { get; set; } = 5;

    /// <summary>Gets or sets the number of rows from which on a slice is judged; the metrics of a smaller one are undefined.</summary>
    /// <value>The default value is 30.</value>
    [Range(1, int.MaxValue)]
    public int MinimumSliceRows { get; set; } = 30;

    /// <summary>Gets or sets the positive class; of more than two classes it is judged against all the others together.</summary>
    /// <value>The default value is <see langword="null"/>: the last of two classes; more are told apart.</value>
    public string? PositiveClass { get; set; }

    /// <summary>Gets or sets the slot of the output that is judged.</summary>
    /// <value>The default value is <see langword="null"/>: the probabilities of classes, else the first output of floating-point numbers.</value>
    public int? Output { get; set; }

    /// <summary>Gets or sets the metrics.</summary>
    /// <value>The default value is <see langword="null"/>: those of the model's task (<see cref="OutcomeMetrics.Of"/>).</value>
    public IReadOnlyList<OutcomeMetric>? Metrics { get; set; }

    /// <summary>Gets or sets the metric by which slices are ranked, the worst slice is searched for and importance is measured.</summary>
    /// <value>The default value is <see langword="null"/>: <c>roc_auc</c> of two classes, <c>accuracy</c> of more, <c>rmse</c> of numbers; the worst slice is searched for by <c>accuracy</c>, since few rows of one class have no ranking.</value>
    public OutcomeMetric? PrimaryMetric { get; set; }

    /// <summary>Gets or sets how confidence intervals are made; <see langword="null"/> for none.</summary>
    /// <value>The default value is 200 samples at the level 0.95.</value>
    public BootstrapOptions? Bootstrap { get; set; } = new();

    /// <summary>Gets or sets whether the worst slice is searched for among the features.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool SearchesWorstSlice { get; set; } = true;

    /// <summary>Gets or sets how importance is measured; <see langword="null"/> for not at all.</summary>
    /// <value>The default value is 5 repeats.</value>
    public PermutationImportanceOptions? Importance { get; set; } = new();

    /// <summary>Gets or sets what mistakes cost, by which a threshold is chosen; of two classes only.</summary>
    /// <value>The default value is <see langword="null"/>: no threshold is chosen.</value>
    public ThresholdCosts? Costs { get; set; }

    /// <summary>Gets or sets the largest number of rows that the worst slice is searched among and importance is measured on; drawn from the dataset where it has more.</summary>
    /// <value>The default value is 10,000.</value>
    [Range(10, int.MaxValue)]
    public int MaximumSampleRows { get; set; } = 10_000;

    /// <summary>Gets or sets the seed of all that is drawn, but for the bootstrap, which has its own.</summary>
    /// <value>The default value is 42.</value>
    public ulong Seed { get; set; } = 42;

    /// <summary>Gets or sets the name of the model, for the report.</summary>
    /// <value>The default value is <c>model</c>.</value>
    public string ModelName { get; set; } = "model";

    internal OutcomeMetric SearchedOf(ModelTask task) => PrimaryMetric ?? OutcomeMetrics.Get(task == ModelTask.Regression ? OutcomeMetrics.Rmse : OutcomeMetrics.Accuracy, task);

    internal OutcomeMetric PrimaryOf(ModelTask task) => PrimaryMetric ?? OutcomeMetrics.Get(task switch
    {
        ModelTask.Regression => OutcomeMetrics.Rmse,
        ModelTask.BinaryClassification => OutcomeMetrics.RocAuc,
        _ => OutcomeMetrics.Accuracy,
    }, task);
}
