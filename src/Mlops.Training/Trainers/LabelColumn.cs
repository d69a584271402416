using Mlops.Data;

namespace Mlops.Training;

/// <summary>Finds the label of training data.</summary>
internal static class LabelColumn
{
    public static string Numeric(IDataset dataset)
    {
        var label = dataset.Schema.Single(ColumnRole.Label);
        return label.Type.IsNumeric() && label.Width == 1
            ? label.Name
            : throw new DataFormatException(dataset.Name, 0, label.Name, $"The label is {label.Type}; a regression needs a number in each row.");
    }
}
