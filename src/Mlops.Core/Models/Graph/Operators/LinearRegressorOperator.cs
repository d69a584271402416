using System.Globalization;

namespace Mlops.Models;

/// <summary>intercept + Σ coefficient × x. Float32 (rows × n) → Float32 (rows × 1).</summary>
/// <param name="Coefficients">The coefficients, shape (n).</param>
/// <param name="Intercept">The intercept.</param>
public sealed record LinearRegressorOperator(float[] Coefficients, float Intercept) : GraphOperator
{
    /// <summary>Describes the operator in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{nameof(LinearRegressorOperator)} of {Coefficients.Length} coefficients and the intercept {Intercept}");
}
