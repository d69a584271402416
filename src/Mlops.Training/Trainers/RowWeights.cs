using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Reads the weights of rows from the column of the role Weight.</summary>
/// <param name="dataset">The training data.</param>
internal sealed class RowWeights(IDataset dataset)
{
    /// <summary>Gets the column; <see langword="null"/> where there is none, and each row weighs 1.</summary>
    public string? Column { get; } = dataset.Schema.TrySingle(ColumnRole.Weight, out var weight) ? weight.Name : null;

    /// <summary>Tells that sums over weighted rows are too large.</summary>
    public static DataFormatException TooLarge(IDataset dataset) => new(
        dataset.Name, 0, dataset.Schema.TrySingle(ColumnRole.Weight, out var weight) ? weight.Name : null,
        "The weights are so large that sums over rows overflow 64-bit floating point. Divide all weights by their mean.");

    /// <summary>Leaves out the rows of weight 0, before anything is fitted to them; unusable weights stay, to be refused by <see cref="Read"/>.</summary>
    public static IDataset WhereCounted(IDataset dataset)
        => !dataset.Schema.TrySingle(ColumnRole.Weight, out var weight) ? dataset : dataset.Where([weight.Name], (batch, row) =>
        {
            Span<double> value = stackalloc double[1];
            ColumnNumbers.CopyTo(batch[0], row, value);
            return value[0] != 0;
        });

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
