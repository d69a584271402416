namespace Mlops.Models;

/// <summary>Brings numbers below the least value up to it, and numbers above the largest down to it; a missing number (NaN) stays missing. Float32 (rows × n) → Float32 (rows × n).</summary>
/// <param name="Minimums">The least value of each element, shape (n).</param>
/// <param name="Maximums">The largest value of each element, shape (n), none below its minimum.</param>
public sealed record ClipOperator(float[] Minimums, float[] Maximums) : GraphOperator;
