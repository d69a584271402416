namespace Mlops.Models;

/// <summary>(x − offset) × scale, element by element. Float32 (rows × n) → Float32 (rows × n).</summary>
/// <param name="Offsets">What is subtracted, shape (n).</param>
/// <param name="Scales">What the difference is multiplied by, shape (n).</param>
public sealed record ScaleOperator(float[] Offsets, float[] Scales) : GraphOperator;
