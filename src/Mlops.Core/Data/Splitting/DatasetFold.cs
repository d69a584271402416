namespace Mlops.Data;

/// <summary>One of several ways to cut a dataset into what a model learns from and what it is judged by.</summary>
/// <param name="Number">The number of the fold, from 1.</param>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Test">The rows to judge by.</param>
public sealed record DatasetFold(int Number, IDataset Train, IDataset Test);
