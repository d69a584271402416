namespace Mlops.Data;

/// <summary>What one side of a join must deliver for a read: the columns wanted of it, and those that decide about matches.</summary>
internal sealed class JoinSide
{
    /// <summary>Prepares a read.</summary>
    /// <param name="source">The side's dataset.</param>
    /// <param name="names">The columns wanted of it.</param>
    /// <param name="places">Their places among the wanted columns of the join.</param>
    /// <param name="keys">The columns that decide about matches.</param>
    public JoinSide(IDataset source, string[] names, int[] places, IReadOnlyList<string> keys)
    {
        Source = source;
        Places = places;
        var needed = names.Concat(keys).Distinct(StringComparer.Ordinal).ToArray();
        // All columns in the source's own order are its whole batches.
        Columns = needed.Length == source.Schema.Count ? [.. source.Schema.Select(column => column.Name)] : needed;
        Schema = source.Schema.Select(Columns);
        ToWanted = BatchProjection.Of(Columns, source.Schema.Select(names));
    }

    public IDataset Source { get; }

    public IReadOnlyList<string> Columns { get; }

    /// <summary>Gets the schema of the batches read.</summary>
    public DataSchema Schema { get; }

    public BatchProjection ToWanted { get; }

    public int[] Places { get; }

    /// <summary>Makes a projection to some of the columns that decide.</summary>
    public BatchProjection ToKeys(IReadOnlyList<string> keys) => BatchProjection.Of(Columns, Source.Schema.Select(keys));
}
