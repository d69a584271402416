namespace Mlops.Models;

/// <summary>Puts a value where a number is missing (NaN). Float32 or Float64 (rows × n) → the same.</summary>
/// <param name="Replacements">The value for each element of a row, shape (n).</param>
public sealed record ImputeOperator(double[] Replacements) : GraphOperator;
