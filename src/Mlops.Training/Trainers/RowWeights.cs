using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Reads the weights of rows from the column of the role Weight.</summary>
/// <param name="dataset">The training data.</param>
internal sealed class RowWeights(IDataset dataset)
{
    /// <summary>Gets the column; <see langword="null"/> where there is none, and each row weighs 1.</summary>
    public string? Column { get; } = dataset.Schema.TrySingle(ColumnRole.Weight, out var weight) ? weight.Name : null;

    /// <summary>Reads the weights of a batch, shape (rows).</summary>
    /// <exception cref="DataFormatException">A weight is negative, infinite or missing.</exception>
    public double[] Read(DataBatch batch)
    {
        if (Column is null)
        {
            var ones = new double[batch.RowCount];
            ones.AsSpan().Fill(1);
            return ones;
        }

        var weights = ColumnNumbers.ToDoubles(batch[Column]);
        if (weights.Length > 0 && (!TensorPrimitives.IsFiniteAll<double>(weights) || TensorPrimitives.Min<double>(weights) < 0))
            throw new DataFormatException(dataset.Name, 0, Column, "A weight is negative, infinite or missing. Weights must be 0 or positive numbers; a row of weight 0 is left out.");
        return weights;
    }
}
