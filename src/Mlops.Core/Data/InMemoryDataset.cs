using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>A dataset whose rows are in memory.</summary>
public sealed class InMemoryDataset : IDataset
{
    private readonly DataBatch[] _batches;

    /// <summary>Creates a dataset.</summary>
    /// <param name="name">The name.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="batches">The rows, in batches of that schema.</param>
    /// <exception cref="ArgumentException">A batch has another schema.</exception>
    public InMemoryDataset(string name, DataSchema schema, params IEnumerable<DataBatch> batches)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(schema);
        _batches = [.. batches.Where(batch => batch.RowCount > 0)];
        if (_batches.Any(batch => !batch.Schema.Equals(schema)))
            throw new ArgumentException($"A batch of '{name}' has another schema than the dataset.", nameof(batches));
        Name = name;
        Schema = schema;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DataSchema Schema { get; }

    /// <summary>Gets the rows, in batches as they were given.</summary>
    public IReadOnlyList<DataBatch> Batches => _batches;

    /// <summary>Gets the number of rows.</summary>
    public long RowCount => _batches.Sum(batch => (long)batch.RowCount);

    /// <summary>Creates a dataset of columns.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="columns">The columns: a schema and its values each, all of one length.</param>
    /// <returns>The dataset.</returns>
    public static InMemoryDataset FromColumns(string name, params IReadOnlyList<(ColumnSchema Schema, Column Values)> columns)
    {
        var schema = new DataSchema(columns.Select(column => column.Schema));
        return new InMemoryDataset(name, schema, new DataBatch(schema, columns.Select(column => column.Values)));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        options.Check();
        var selection = options.Columns is null ? null : new BatchProjection(Schema, options.Columns);
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var batch in _batches)
        {
            var selected = selection?.Apply(batch) ?? batch;
            for (var start = 0; start < selected.RowCount; start += options.BatchRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return selected.Rows(start, Math.Min(options.BatchRows, selected.RowCount - start));
            }
        }
    }
}
