using Mlops.Data;

namespace Mlops.Training;

/// <summary>Finds and reads the numeric label of training data.</summary>
internal static class LabelColumn
{
    public static string Numeric(IDataset dataset)
    {
        var label = dataset.Schema.Single(ColumnRole.Label);
        return label.Type.IsNumeric() && label.Width == 1
            ? label.Name
            : throw new DataFormatException(dataset.Name, 0, label.Name, $"The label is {label.Type}; a regression needs a number in each row.");
    }

    /// <summary>Tells whether a row has a label: one that is neither null nor NaN.</summary>
    /// <exception cref="DataFormatException">The label is infinite.</exception>
    public static bool IsPresent(IDataset dataset, Column column, int row)
    {
        if (column.IsNull(row)) return false;
        var value = NumberAt(column, row);
        if (double.IsInfinity(value)) throw Infinite(dataset, dataset.Schema.Single(ColumnRole.Label).Name);
        return !double.IsNaN(value);
    }

    /// <summary>Reads the labels of the rows of a batch that count, shape (rows); NaN where a row has none.</summary>
    /// <param name="dataset">The data, for errors.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="label">The column.</param>
    /// <param name="weights">The weights of the rows; what the label of a row of weight 0 is does not matter.</param>
    public static double[] Read(IDataset dataset, DataBatch batch, string label, ReadOnlySpan<double> weights)
    {
        var labels = ColumnNumbers.ToDoubles(batch[label]);
        for (var row = 0; row < labels.Length; row++)
        {
            // Written so that NaN passes.
            if (!(Math.Abs(labels[row]) > float.MaxValue) || weights[row] == 0) continue;
            throw double.IsInfinity(labels[row])
                ? Infinite(dataset, label)
                : new DataFormatException(dataset.Name, 0, label, "A label lies outside of the numbers of 32-bit floating point (±3.4·10³⁸), in which models predict. Scale the labels, or correct them.");
        }

        return labels;
    }

    /// <summary>Reads one number; NaN where it is missing.</summary>
    public static double NumberAt(Column column, int row)
    {
        // Most columns are of this type, and every row is asked.
        if (column is Column<double> { NullCount: 0 } typed) return typed.Values[row];
        Span<double> value = stackalloc double[1];
        ColumnNumbers.CopyTo(column, row, value);
        return value[0];
    }

    public static DataFormatException Infinite(IDataset dataset, string label)
        => new(dataset.Name, 0, label, "A label is infinite. Remove the row, or correct the label.");

    public static DataFormatException NoLabel(IDataset dataset, string label)
        => new(dataset.Name, 0, label, "No labelled row has a weight above 0. Training needs at least one.");
}
