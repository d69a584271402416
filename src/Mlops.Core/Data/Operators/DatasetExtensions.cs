namespace Mlops.Data;

/// <summary>Makes datasets from datasets. Everything is lazy: rows are made as they are read.</summary>
public static class DatasetExtensions
{
    /// <summary>Keeps some rows.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="name">The name of the new one.</param>
    /// <param name="predicate">Tells for a row of a batch whether it is kept.</param>
    /// <returns>The rows that are kept, in their order.</returns>
    public static IDataset Where(this IDataset dataset, string name, Func<DataBatch, int, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(predicate);
        return new TransformedDataset(name, dataset.Schema, dataset, batch =>
        {
            var kept = new List<int>(batch.RowCount);
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (predicate(batch, row)) kept.Add(row);
            }

            return kept.Count == batch.RowCount ? batch : batch.Take(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(kept));
        });
    }

    /// <summary>Keeps some columns.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="columns">The columns to keep, in their new order.</param>
    /// <returns>All rows with these columns.</returns>
    /// <exception cref="EntityNotFoundException">One of the columns does not exist.</exception>
    public static IDataset Select(this IDataset dataset, params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new TransformedDataset(dataset.Name, dataset.Schema.Select(columns), dataset, batch => batch.Select(columns));
    }

    /// <summary>Says what a column is for.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="column">The column.</param>
    /// <param name="role">Its role.</param>
    /// <returns>The same rows, with the role in the schema.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public static IDataset WithRole(this IDataset dataset, string column, ColumnRole role)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var schema = dataset.Schema.WithRole(column, role);
        return new TransformedDataset(dataset.Name, schema, dataset, batch => new DataBatch(schema, Enumerable.Range(0, schema.Count).Select(i => batch[i])));
    }

    /// <summary>Reads all rows into memory.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The rows.</returns>
    public static async Task<InMemoryDataset> ToMemoryAsync(this IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) batches.Add(batch);
        return new InMemoryDataset(dataset.Name, dataset.Schema, batches);
    }
}
