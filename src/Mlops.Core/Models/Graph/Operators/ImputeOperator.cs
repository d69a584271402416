namespace Mlops.Models;

/// <summary>Puts a value where a number is missing (NaN). Float32 (rows × n) → Float32 (rows × n).</summary>
/// <param name="Replacements">The value for each element of a row, shape (n).</param>
public sealed record ImputeOperator(float[] Replacements) : GraphOperator;
