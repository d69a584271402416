namespace Mlops.Models;

/// <summary>Joins rows end to end, Float64 rounded to Float32. Float32 or Float64 (rows × a), (rows × b), … → Float32 (rows × (a + b + …)).</summary>
public sealed record ConcatOperator : GraphOperator;
