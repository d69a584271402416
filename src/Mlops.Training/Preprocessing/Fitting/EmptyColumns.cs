using Mlops.Data;

namespace Mlops.Training;

/// <summary>Tells that a column has nothing to learn from.</summary>
internal static class EmptyColumns
{
    public static DataFormatException Error(IDataset dataset, string column)
        => new(dataset.Name, 0, column, "The column has no value at all. Leave it out: give it the role Ignored.");
}
