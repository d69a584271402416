using System.Globalization;

namespace Mlops.Models;

/// <summary>intercept + Σ coefficient × x, summed up in 64-bit floating point. Float32 (rows × n) → Float32 (rows × 1).</summary>
/// <param name="Coefficients">The coefficients, shape (n).</param>
/// <param name="Intercept">The intercept.</param>
public sealed record LinearRegressorOperator(double[] Coefficients, double Intercept) : GraphOperator
{
    /// <summary>Gets what each element of a row is, shape (n): <c>income</c>, <c>home=rent</c>; empty when that is not known.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> FeatureNames
    {
        get;

        // Generated JSON readers set what a document leaves out to null.
        init => field = value ?? [];
    } = [];

    /// <summary>Describes the operator in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{nameof(LinearRegressorOperator)} of {Coefficients.Length} coefficients and the intercept {Intercept}");
}
