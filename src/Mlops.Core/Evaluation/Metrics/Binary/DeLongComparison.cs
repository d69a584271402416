using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>How far the areas under the ROC curves of two models on the same rows are apart.</summary>
/// <param name="Difference">The first area less the second one.</param>
/// <param name="StandardError">The standard error of the difference, which counts how the two go together.</param>
/// <param name="Statistic">The difference in standard errors, z; 0 where there is no difference.</param>
/// <param name="PValue">The probability of a difference as large, either way, were the two areas equal, 0..1.</param>
public sealed record DeLongComparison(double Difference, double StandardError, double Statistic, double PValue)
{
    /// <summary>Writes the comparison, in the invariant culture.</summary>
    /// <returns>The text: <c>0.0123 ± 0.0040, p = 0.0021</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Difference:0.0000} ± {StandardError:0.0000}, p = {PValue:0.0000}");
}
