namespace Mlops.Models;

/// <summary>1 at the position of the row's category and 0 elsewhere; all 0 for a category never seen. Int64 (rows × 1) → Float32 (rows × n).</summary>
/// <param name="Categories">The categories, shape (n).</param>
public sealed record OneHotOperator(long[] Categories) : GraphOperator;
