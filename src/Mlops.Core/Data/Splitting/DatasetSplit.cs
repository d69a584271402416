namespace Mlops.Data;

/// <summary>A dataset cut into what a model learns from, what it is tuned on and what it is judged by.</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Validation">The rows to tune on; <see langword="null"/> where there are none.</param>
/// <param name="Test">The rows to judge by.</param>
public sealed record DatasetSplit(IDataset Train, IDataset? Validation, IDataset Test);
