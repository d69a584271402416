using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>How much a model's score depends on a feature.</summary>
/// <param name="Feature">The feature: a dataset column.</param>
/// <param name="Mean">By how much the score gets worse, in the metric's unit, when the values are shuffled among the rows: the mean over the repeats; negative where it gets better, by chance.</param>
/// <param name="StandardDeviation">The standard deviation over the repeats, n − 1; 0 for one repeat.</param>
/// <param name="UndefinedReason">Why there is none; <see langword="null"/> where there is one.</param>
public sealed record FeatureImportance(string Feature, double Mean, double StandardDeviation, string? UndefinedReason = null)
{
    /// <summary>Writes the importance, in the invariant culture.</summary>
    /// <returns>The text: <c>tenure 0.0412 ± 0.0031</c>.</returns>
    public override string ToString() => UndefinedReason is null ? string.Create(CultureInfo.InvariantCulture, $"{Feature} {Mean:0.0000} ± {StandardDeviation:0.0000}") : $"{Feature} undefined ({UndefinedReason})";
}
