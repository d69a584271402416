namespace Mlops.Models;

/// <summary>The same elements for every row, whatever the input holds. One tensor of any type (rows × n) → Float32 (rows × m).</summary>
/// <param name="Values">The elements of each row, shape (m), m ≥ 1.</param>
public sealed record ConstantOperator(float[] Values) : GraphOperator;
