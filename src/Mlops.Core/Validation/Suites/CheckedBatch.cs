using Mlops.Data;
using Mlops.Models;

namespace Mlops.Validation;

/// <summary>Rows that a suite shows to its checks.</summary>
/// <param name="Part">The dataset that they belong to.</param>
/// <param name="Rows">The rows.</param>
/// <param name="FirstRow">The number of the first row in its dataset, from 0.</param>
/// <param name="Outputs">What the model gave for the rows; <see langword="null"/> without a model. Valid only while the rows are shown.</param>
public readonly record struct CheckedBatch(DatasetPart Part, DataBatch Rows, long FirstRow, TensorBatch? Outputs);
