namespace Mlops.Models;

/// <summary>Puts a text where one is missing (<c>""</c>). String (rows × 1) → String (rows × 1).</summary>
/// <param name="Replacement">The text.</param>
public sealed record ImputeTextOperator(string Replacement) : GraphOperator;
