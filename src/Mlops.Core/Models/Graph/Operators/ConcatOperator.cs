namespace Mlops.Models;

/// <summary>Joins rows end to end. Float32 (rows × a), (rows × b), … → Float32 (rows × (a + b + …)).</summary>
public sealed record ConcatOperator : GraphOperator;
