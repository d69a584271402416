using Mlops.Data;

namespace Mlops.Training;

/// <summary>Tells that there is nothing to train on.</summary>
internal static class NoRows
{
    public static DataFormatException In(IDataset dataset)
        => new(dataset.Name, 0, null, "There are no rows to train on. See whether the source is empty, or a filter or split has left nothing.");
}
