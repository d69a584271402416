namespace Mlops.Data;

/// <summary>Some consecutive rows of a batch.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Start">The first row, from 0.</param>
/// <param name="Count">The number of rows.</param>
internal readonly record struct RowRange(DataBatch Batch, int Start, int Count);
