using System.Globalization;
using System.Text.Json.Serialization;

namespace Mlops.Models;

/// <summary>What a node of a <see cref="ModelGraph"/> does. Every operator works on each row by itself.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "operator")]
[JsonDerivedType(typeof(SelectOperator), "select")]
[JsonDerivedType(typeof(ImputeOperator), "impute")]
[JsonDerivedType(typeof(ImputeTextOperator), "impute_text")]
[JsonDerivedType(typeof(ScaleOperator), "scale")]
[JsonDerivedType(typeof(DayOfWeekOperator), "day_of_week")]
[JsonDerivedType(typeof(OneHotOperator), "one_hot")]
[JsonDerivedType(typeof(OneHotTextOperator), "one_hot_text")]
[JsonDerivedType(typeof(ConcatOperator), "concat")]
[JsonDerivedType(typeof(LinearRegressorOperator), "linear_regressor")]
[JsonDerivedType(typeof(LinearClassifierOperator), "linear_classifier")]
public abstract record GraphOperator;

/// <summary>Picks elements of each row. Input and output: one tensor of any one type.</summary>
/// <param name="Indices">The elements to keep, in their new order.</param>
public sealed record SelectOperator(int[] Indices) : GraphOperator;

/// <summary>Puts a value where a number is missing (NaN). Float32 (rows × n) → Float32 (rows × n).</summary>
/// <param name="Replacements">The value for each element of a row, shape (n).</param>
public sealed record ImputeOperator(float[] Replacements) : GraphOperator;

/// <summary>Puts a text where one is missing (<c>""</c>). String (rows × 1) → String (rows × 1).</summary>
/// <param name="Replacement">The text.</param>
public sealed record ImputeTextOperator(string Replacement) : GraphOperator;

/// <summary>(x − offset) × scale, element by element. Float32 (rows × n) → Float32 (rows × n).</summary>
/// <param name="Offsets">What is subtracted, shape (n).</param>
/// <param name="Scales">What the difference is multiplied by, shape (n).</param>
public sealed record ScaleOperator(float[] Offsets, float[] Scales) : GraphOperator;

/// <summary>The day of the week of a date given as days since 1970-01-01: 0 for Sunday to 6 for Saturday. Int64 (rows × 1) → Int64 (rows × 1).</summary>
public sealed record DayOfWeekOperator : GraphOperator;

/// <summary>1 at the position of the row's category and 0 elsewhere; all 0 for a category never seen. Int64 (rows × 1) → Float32 (rows × n).</summary>
/// <param name="Categories">The categories, shape (n).</param>
public sealed record OneHotOperator(long[] Categories) : GraphOperator;

/// <summary>1 at the position of the row's category and 0 elsewhere; all 0 for a category never seen. String (rows × 1) → Float32 (rows × n).</summary>
/// <param name="Categories">The categories, shape (n).</param>
public sealed record OneHotTextOperator(string[] Categories) : GraphOperator;

/// <summary>Joins rows end to end. Float32 (rows × a), (rows × b), … → Float32 (rows × (a + b + …)).</summary>
public sealed record ConcatOperator : GraphOperator;

/// <summary>intercept + Σ coefficient × x. Float32 (rows × n) → Float32 (rows × 1).</summary>
/// <param name="Coefficients">The coefficients, shape (n).</param>
/// <param name="Intercept">The intercept.</param>
public sealed record LinearRegressorOperator(float[] Coefficients, float Intercept) : GraphOperator
{
    /// <summary>Describes the operator in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{nameof(LinearRegressorOperator)} of {Coefficients.Length} coefficients and the intercept {Intercept}");
}

/// <summary>
/// The most probable class and the probability of each. Float32 (rows × n) → the class, String or Int64 (rows), and Float32 (rows × classes).
/// </summary>
/// <remarks>With two classes and one row of coefficients the probability of the second class is the logistic function of its score; otherwise the softmax of all scores.</remarks>
/// <param name="Coefficients">The coefficients, shape (classes × n), or (1 × n) for two classes.</param>
/// <param name="Intercepts">The intercepts, shape (classes), or (1) for two classes.</param>
/// <param name="TextClasses">The classes as text, shape (classes); <see langword="null"/> where they are numbers.</param>
/// <param name="NumberClasses">The classes as numbers, shape (classes); <see langword="null"/> where they are text.</param>
public sealed record LinearClassifierOperator(float[][] Coefficients, float[] Intercepts, string[]? TextClasses = null, long[]? NumberClasses = null) : GraphOperator
{
    /// <summary>Gets the number of classes, ≥ 2.</summary>
    [JsonIgnore]
    public int ClassCount => TextClasses?.Length ?? NumberClasses?.Length ?? 0;
}
