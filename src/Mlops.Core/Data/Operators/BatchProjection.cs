namespace Mlops.Data;

/// <summary>Picks columns of batches, all of which hold the same columns: the positions are looked up once, not for every batch.</summary>
internal sealed class BatchProjection
{
    private readonly int[] _ordinals;

    /// <summary>Creates a projection.</summary>
    /// <param name="source">The schema of the batches.</param>
    /// <param name="columns">The columns to pick, in their new order.</param>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public BatchProjection(DataSchema source, IReadOnlyList<string> columns)
        : this(source.Select(columns), [.. columns.Select(source.IndexOf)])
    {
    }

    /// <summary>Creates a projection that gives the columns another schema.</summary>
    /// <param name="schema">The schema of the picked columns: any names and roles, but their types.</param>
    /// <param name="ordinals">The position of each in the batches.</param>
    public BatchProjection(DataSchema schema, int[] ordinals) => (Schema, _ordinals) = (schema, ordinals);

    /// <summary>Gets the schema of the picked columns.</summary>
    public DataSchema Schema { get; }

    /// <summary>Creates a projection that picks columns by name from batches that hold the delivered ones.</summary>
    /// <param name="delivered">The columns of the batches, in order.</param>
    /// <param name="schema">The columns to pick.</param>
    public static BatchProjection Of(IReadOnlyList<string> delivered, DataSchema schema)
    {
        var positions = delivered.Index().ToDictionary(column => column.Item, column => column.Index, StringComparer.Ordinal);
        return new BatchProjection(schema, [.. schema.Select(column => positions[column.Name])]);
    }

    /// <summary>Picks the columns of a batch, sharing their memory.</summary>
    public DataBatch Apply(DataBatch batch)
    {
        var columns = new Column[_ordinals.Length];
        for (var i = 0; i < columns.Length; i++) columns[i] = batch[_ordinals[i]];
        return new DataBatch(Schema, columns);
    }
}
