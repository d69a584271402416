namespace Mlops.Evaluation;

/// <summary>The figures of scores of two classes over all rows and over those of each value of a column. Immutable.</summary>
/// <param name="Overall">The figures of all rows.</param>
/// <param name="Values">The figures of the rows of each value, by its code.</param>
/// <param name="Missing">The figures of the rows without a value.</param>
public sealed record BinarySliceFigures(BinaryFigures Overall, IReadOnlyList<BinaryFigures> Values, BinaryFigures Missing);
