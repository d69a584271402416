namespace Mlops.Data;

/// <summary>The difference between two versions.</summary>
/// <remarks>Rows are compared in the columns that both versions have with the same type and width. Rows that only stand elsewhere do not differ.</remarks>
public sealed class DatasetDiff
{
    internal DatasetDiff(DatasetVersion before, DatasetVersion after)
    {
        Before = before;
        After = after;
    }

    /// <summary>Gets the earlier version.</summary>
    public DatasetVersion Before { get; }

    /// <summary>Gets the later version.</summary>
    public DatasetVersion After { get; }

    /// <summary>Gets the columns that identify a row; none when whole rows were compared.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>Gets what has changed in the schema, in the order of the later version, then columns that were removed.</summary>
    public required IReadOnlyList<DatasetSchemaChange> SchemaChanges { get; init; }

    /// <summary>Gets the number of rows that only the later version has.</summary>
    public required long AddedCount { get; init; }

    /// <summary>Gets the number of rows that only the earlier version has.</summary>
    public required long RemovedCount { get; init; }

    /// <summary>Gets the number of rows that both have by their key, with other values; 0 when whole rows were compared.</summary>
    public required long ChangedCount { get; init; }

    /// <summary>Gets the rows that only the later version has, in its order.</summary>
    public required IDataset Added { get; init; }

    /// <summary>Gets the rows that only the earlier version has, in its order.</summary>
    public required IDataset Removed { get; init; }

    /// <summary>Gets the changed rows as they were, in the order of the earlier version.</summary>
    public required IDataset ChangedBefore { get; init; }

    /// <summary>Gets the changed rows as they are, in the order of the later version.</summary>
    public required IDataset ChangedAfter { get; init; }

    /// <summary>Gets whether neither rows nor the schema differ.</summary>
    public bool IsEmpty => SchemaChanges.Count == 0 && AddedCount == 0 && RemovedCount == 0 && ChangedCount == 0;
}
