namespace Mlops.Models;

/// <summary>Brings numbers below the least value up to it, and numbers above the largest down to it; a missing number (NaN) stays missing. Float32 or Float64 (rows × n) → the same.</summary>
/// <param name="Minimums">The least value of each element, shape (n).</param>
/// <param name="Maximums">The largest value of each element, shape (n), none below its minimum.</param>
public sealed record ClipOperator(double[] Minimums, double[] Maximums) : GraphOperator;
