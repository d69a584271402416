using System.ComponentModel.DataAnnotations;

namespace Mlops.Evaluation;

/// <summary>How the importance of features is measured.</summary>
public sealed class PermutationImportanceOptions
{
    /// <summary>Gets or sets how often each feature is shuffled.</summary>
    /// <value>The default value is 5.</value>
    [Range(1, 1000)]
    public int Repeats { get; set; } = 5;

    /// <summary>Gets or sets the seed. All models are measured with the same orders of the rows.</summary>
    /// <value>The default value is 42.</value>
    public ulong Seed { get; set; } = 42;

    /// <summary>Gets or sets the features, dataset columns.</summary>
    /// <value>The default value is <see langword="null"/>: every column that feeds the model.</value>
    public IReadOnlyList<string>? Features { get; set; }

    /// <summary>Gets or sets the metric that drops.</summary>
    /// <value>The default value is <see langword="null"/>: <c>roc_auc</c> of two classes, <c>accuracy</c> of more, <c>rmse</c> of numbers.</value>
    public OutcomeMetric? Metric { get; set; }
}
