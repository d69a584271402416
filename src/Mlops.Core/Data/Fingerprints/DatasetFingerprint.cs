using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Data;

/// <summary>The SHA-256 fingerprint of a dataset: its version in runs, lineage and caches.</summary>
/// <remarks>
/// <para>Depends on names, types and values, and on the order of rows unless that is ignored; not on the source, the roles, the batch size, the platform or the
/// encoding of texts. One changed cell changes it. Negative zero counts as zero, and every NaN as the same.</para>
/// <para>Form: the digest of the row count, of the name, type and width of each column, and of the rows. Where their order counts these are one digest for each
/// column over its values (fixed-size values little-endian, zero where missing; texts) and one over which rows have one, a bit each (or over the lengths of its texts);
/// where it does not, the sum of the digests of all rows modulo 2^256.</para>
/// </remarks>
public sealed class DatasetFingerprint : IDisposable
{
    private readonly DataSchema _schema;
    private readonly RowOrder _rowOrder;
    private readonly RowDigest _rows;

    /// <summary>Begins a fingerprint.</summary>
    /// <param name="schema">The schema of the rows that will be added.</param>
    /// <param name="rowOrder">Whether the order of rows counts.</param>
    public DatasetFingerprint(DataSchema schema, RowOrder rowOrder = RowOrder.Significant)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _schema = schema;
        _rowOrder = rowOrder;
        _rows = rowOrder == RowOrder.Significant ? new OrderedRowDigest(schema) : new UnorderedRowDigest(schema);
    }

    /// <summary>Gets the number of rows so far.</summary>
    public long RowCount { get; private set; }

    /// <summary>Computes the fingerprint of a dataset in one pass.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="source">Where it came from; the dataset's name when <see langword="null"/>.</param>
    /// <param name="rowOrder">Whether the order of rows counts.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The reference that holds the fingerprint.</returns>
    public static async Task<DatasetReference> ComputeAsync(
        IDataset dataset, string? source = null, RowOrder rowOrder = RowOrder.Significant, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var fingerprint = new DatasetFingerprint(dataset.Schema, rowOrder);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) fingerprint.Add(batch);
        return new DatasetReference(dataset.Name, fingerprint.Finish(), fingerprint.RowCount, dataset.Schema, source);
    }

    /// <summary>Adds rows.</summary>
    /// <param name="batch">The rows, in the schema's order.</param>
    /// <exception cref="ArgumentException">The batch has other columns.</exception>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!ReferenceEquals(batch.Schema, _schema)) Check(batch.Schema);
        _rows.Add(batch);
        RowCount += batch.RowCount;
    }

    /// <summary>Gets the fingerprint of the rows so far; more may follow.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public string Finish()
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var form = _rowOrder == RowOrder.Significant ? "ordered" : "unordered";
        all.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"mlops-fingerprint-2 {form}\n{RowCount}\n{_schema.Count}\n")));
        foreach (var column in _schema)
            all.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{column.Name.Length}:{column.Name}\n{column.Type}\n{column.Width}\n")));
        _rows.Finish(all);
        return Convert.ToHexStringLower(all.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private void Check(DataSchema schema)
    {
        var isSame = schema.Count == _schema.Count && schema.Zip(_schema).All(pair => (pair.First.Name, pair.First.Type, pair.First.Width) == (pair.Second.Name, pair.Second.Type, pair.Second.Width));
        if (!isSame) throw new ArgumentException("The batch has other columns than the fingerprint was begun with.", nameof(schema));
    }
}
