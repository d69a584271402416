namespace Mlops.Models;

/// <summary>1 where a number is missing (NaN), and 0 elsewhere. Float32 or Float64 (rows × n) → Float32 (rows × n).</summary>
public sealed record MissingIndicatorOperator : GraphOperator;
