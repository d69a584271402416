using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>
/// The most probable class and the probability of each. Float32 (rows × n) → the class, String or Int64 (rows), and Float32 (rows × classes).
/// </summary>
/// <remarks>
/// With two classes and one row of coefficients the probability of the second class is the logistic function of its score; otherwise the softmax of all scores.
/// Scores are summed up in 64-bit floating point.
/// </remarks>
/// <param name="Coefficients">The coefficients, shape (classes × n), or (1 × n) for two classes.</param>
/// <param name="Intercepts">The intercepts, shape (classes), or (1) for two classes.</param>
/// <param name="TextClasses">The classes as text, shape (classes); <see langword="null"/> where they are numbers.</param>
/// <param name="NumberClasses">The classes as numbers, shape (classes); <see langword="null"/> where they are text.</param>
public sealed record LinearClassifierOperator(double[][] Coefficients, double[] Intercepts, string[]? TextClasses = null, long[]? NumberClasses = null) : GraphOperator
{
    /// <summary>Gets what each element of a row is, shape (n): <c>income</c>, <c>home=rent</c>; empty when that is not known.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyList<string> FeatureNames
    {
        get;

        // Generated JSON readers set what a document leaves out to null.
        init => field = value ?? [];
    } = [];

    /// <summary>Gets the number of classes, ≥ 2.</summary>
    [JsonIgnore]
    public int ClassCount => TextClasses?.Length ?? NumberClasses?.Length ?? 0;
}
