namespace Mlops.Models;

/// <summary>(x − offset) × scale, element by element, rounded after each of the two. Float32 or Float64 (rows × n) → the same.</summary>
/// <param name="Offsets">What is subtracted, shape (n).</param>
/// <param name="Scales">What the difference is multiplied by, shape (n).</param>
public sealed record ScaleOperator(double[] Offsets, double[] Scales) : GraphOperator;
