namespace Mlops.Validation;

/// <summary>A dataset that a suite looked at.</summary>
/// <param name="Part">Which of the suite's datasets it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="RowCount">The number of rows that were read.</param>
public sealed record CheckedDataset(DatasetPart Part, string Name, long RowCount);
