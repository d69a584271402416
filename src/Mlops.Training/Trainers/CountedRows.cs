using Mlops.Data;

namespace Mlops.Training;

/// <summary>Leaves out the rows that a trainer does not learn from, before anything is fitted to them: those of weight 0, and those without a label.</summary>
internal static class CountedRows
{
    /// <summary>Gets the rows of a weight above 0.</summary>
    /// <exception cref="DataFormatException">The column of weights is unusable; while reading, a weight is.</exception>
    public static IDataset Of(IDataset dataset)
    {
        var weights = new RowWeights(dataset);
        return weights.Column is null ? dataset : dataset.Where([weights.Column], (batch, row) => weights.Read(batch[0], row) != 0);
    }

    /// <summary>Gets the rows of a weight above 0 that have a label: a null is none, and neither is NaN.</summary>
    /// <exception cref="DataFormatException">The column of weights is unusable; while reading, a weight is, or a label is infinite.</exception>
    public static IDataset Of(IDataset dataset, string label)
    {
        // Weights first: one that is unusable is refused also where the row has no label, as everywhere else.
        var counted = Of(dataset);
        var schema = dataset.Schema[label];
        return schema.Type.IsFloatingPoint() && schema.Width == 1
            ? counted.Where([label], (batch, row) => LabelColumn.IsPresent(dataset, batch[0], row))
            : counted.WhereNotNull(label);
    }
}
