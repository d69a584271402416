using System.Numerics.Tensors;
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

    /// <summary>Reads the labels of a batch, shape (rows); NaN where a row has none.</summary>
    public static double[] Read(IDataset dataset, DataBatch batch, string label)
    {
        var labels = ColumnNumbers.ToDoubles(batch[label]);
        if (TensorPrimitives.IsInfinityAny<double>(labels))
            throw new DataFormatException(dataset.Name, 0, label, "A label is infinite. Remove the row, or correct the label.");
        foreach (var value in labels)
        {
            if (Math.Abs(value) > float.MaxValue)
                throw new DataFormatException(dataset.Name, 0, label, "A label lies outside of the numbers of 32-bit floating point (±3.4·10³⁸), in which models predict. Scale the labels, or correct them.");
        }

        return labels;
    }

    public static DataFormatException NoLabel(IDataset dataset, string label)
        => new(dataset.Name, 0, label, "No labelled row has a weight above 0. Training needs at least one.");
}
