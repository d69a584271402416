namespace Mlops.Data;

/// <summary>Makes datasets from datasets. Everything is lazy: rows are made as they are read, and of each source only the columns that are needed are read.</summary>
/// <example><code>
/// var training = transactions
///     .Where("amount", (double amount) => amount > 0)
///     .Derive("log_amount", "amount", (double amount) => Math.Log(amount))
///     .JoinAsOf(profiles, "time", new AsOfJoinOptions { By = ["customer"] })
///     .Sample(100_000, seed: 7)
///     .Cache();
/// </code></example>
public static partial class DatasetExtensions
{
    /// <summary>Delivers the rows in batches of one size, whatever the sizes that the dataset makes: filters and joins make small ones.</summary>
    /// <remarks>Put it last. A reader that asks for smaller batches gets batches of exactly that size; the last one may have fewer rows.</remarks>
    /// <param name="dataset">The dataset.</param>
    /// <param name="rows">The number of rows in each batch, at least 1.</param>
    /// <returns>The same rows.</returns>
    public static IDataset Rebatch(this IDataset dataset, int rows)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        return new RebatchOperator(dataset, rows);
    }

    /// <summary>Reads the dataset once, when it is first read, and keeps all its rows in memory.</summary>
    /// <remarks>Readers at the same time share one reading, which goes on as long as one of them waits for it. A reading that fails or is cancelled is forgotten: the next reader begins anew.</remarks>
    /// <param name="dataset">The dataset.</param>
    /// <returns>The same rows.</returns>
    public static IDataset Cache(this IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return new CacheOperator(dataset);
    }

    /// <summary>Reads all rows into memory.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The rows.</returns>
    public static async Task<InMemoryDataset> ToMemoryAsync(this IDataset dataset, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var batches = new List<DataBatch>();
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            batches.Add(batch);
        }

        return new InMemoryDataset(dataset.Name, dataset.Schema, batches);
    }

    /// <summary>Reads all rows once, for several who want them: a validation, a profile, a fingerprint.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="consumers">Get each batch, one after another.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The number of rows.</returns>
    /// <example><code>await data.ScanAsync([validation.Add, profile.Add, fingerprint.Add]);</code></example>
    public static async Task<long> ScanAsync(this IDataset dataset, IReadOnlyList<Action<DataBatch>> consumers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(consumers);
        var rows = 0L;
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false))
        {
            foreach (var consumer in consumers) consumer(batch);
            rows += batch.RowCount;
        }

        return rows;
    }
}
