namespace Mlops.Models;

/// <summary>Picks elements of each row. Input and output: one tensor of any one type.</summary>
/// <param name="Indices">The elements to keep, in their new order.</param>
public sealed record SelectOperator(int[] Indices) : GraphOperator;
