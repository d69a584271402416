using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Data;

/// <summary>The SHA-256 fingerprint of a dataset: its version in runs, lineage and caches.</summary>
/// <remarks>
/// <para>Depends on names, types, values and the order of rows; not on the source, the roles, the batch size or the encoding of texts. One changed cell changes it.</para>
/// <para>Form: one digest for each column over its values (fixed-size values little-endian, zero where missing; texts with their length) and one over the numbers
/// of its missing rows; the fingerprint is the digest of names, types, row count and these.</para>
/// </remarks>
public sealed class DatasetFingerprint : IDisposable
{
    private readonly DataSchema _schema;
    private readonly IncrementalHash[] _values;
    private readonly IncrementalHash[] _nulls;

    /// <summary>Begins a fingerprint.</summary>
    /// <param name="schema">The schema of the rows that will be added.</param>
    public DatasetFingerprint(DataSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        _schema = schema;
        _values = [.. schema.Select(_ => IncrementalHash.CreateHash(HashAlgorithmName.SHA256))];
        _nulls = [.. schema.Select(_ => IncrementalHash.CreateHash(HashAlgorithmName.SHA256))];
    }

    /// <summary>Gets the number of rows so far.</summary>
    public long RowCount { get; private set; }

    /// <summary>Computes the fingerprint of a dataset in one pass.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="source">Where it came from; the dataset's name when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The reference that holds the fingerprint.</returns>
    public static async Task<DatasetReference> ComputeAsync(IDataset dataset, string? source = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        using var fingerprint = new DatasetFingerprint(dataset.Schema);
        await foreach (var batch in dataset.ReadAsync(null, cancellationToken).ConfigureAwait(false)) fingerprint.Add(batch);
        return new DatasetReference(dataset.Name, fingerprint.Finish(), fingerprint.RowCount, dataset.Schema, source);
    }

    /// <summary>Adds rows.</summary>
    /// <param name="batch">The rows, in the schema's order.</param>
    public void Add(DataBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (var i = 0; i < _schema.Count; i++)
        {
            AddValues(_values[i], batch[i]);
            if (batch[i].NullCount > 0) AddNulls(_nulls[i], batch[i], RowCount);
        }

        RowCount += batch.RowCount;
    }

    /// <summary>Ends the fingerprint.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public string Finish()
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        all.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"mlops-fingerprint-1\n{RowCount}\n{_schema.Count}\n")));
        Span<byte> digest = stackalloc byte[32];
        for (var i = 0; i < _schema.Count; i++)
        {
            all.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_schema[i].Name.Length}:{_schema[i].Name}\n{_schema[i].Type}\n{_schema[i].Width}\n")));
            _values[i].GetHashAndReset(digest);
            all.AppendData(digest);
            _nulls[i].GetHashAndReset(digest);
            all.AppendData(digest);
        }

        return Convert.ToHexStringLower(all.GetHashAndReset());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var hash in _values) hash.Dispose();
        foreach (var hash in _nulls) hash.Dispose();
    }

    private static void AddValues(IncrementalHash hash, Column column)
    {
        switch (column)
        {
            case Column<double> typed: hash.AppendData(Bytes(typed)); break;
            case Column<float> typed: hash.AppendData(Bytes(typed)); break;
            case Column<long> typed: hash.AppendData(Bytes(typed)); break;
            case Column<int> typed: hash.AppendData(Bytes(typed)); break;
            case Column<short> typed: hash.AppendData(Bytes(typed)); break;
            case Column<sbyte> typed: hash.AppendData(Bytes(typed)); break;
            case Column<ulong> typed: hash.AppendData(Bytes(typed)); break;
            case Column<uint> typed: hash.AppendData(Bytes(typed)); break;
            case Column<ushort> typed: hash.AppendData(Bytes(typed)); break;
            case Column<byte> typed: hash.AppendData(Bytes(typed)); break;
            case Column<Half> typed: hash.AppendData(Bytes(typed)); break;
            case Column<bool> typed: hash.AppendData(Bytes(typed)); break;
            case Column<DateOnly> typed: hash.AppendData(Bytes(typed)); break;
            case Column<DateTime> typed: AddTicks(hash, typed); break;
            case TextColumn text: AddTexts(hash, text); break;
            default: throw new NotSupportedException($"A column of {column.Type} has no fingerprint.");
        }
    }

    private static ReadOnlySpan<byte> Bytes<T>(Column<T> column)
        where T : unmanaged
        => BitConverter.IsLittleEndian ? MemoryMarshal.AsBytes(column.Values) : throw new PlatformNotSupportedException("Fingerprints are computed on little-endian machines only.");

    // Not the raw bytes of DateTime: they hold the kind, too.
    private static void AddTicks(IncrementalHash hash, Column<DateTime> column)
    {
        Span<byte> bytes = stackalloc byte[8];
        foreach (var value in column.Values)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Ticks);
            hash.AppendData(bytes);
        }
    }

    private static void AddTexts(IncrementalHash hash, TextColumn column)
    {
        Span<byte> length = stackalloc byte[4];
        for (var row = 0; row < column.Length; row++)
        {
            var text = column.GetUtf8(row);
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            hash.AppendData(length);
            hash.AppendData(text);
        }
    }

    private static void AddNulls(IncrementalHash hash, Column column, long firstRow)
    {
        Span<byte> bytes = stackalloc byte[8];
        for (var row = 0; row < column.Length; row++)
        {
            if (!column.IsNull(row)) continue;
            BinaryPrimitives.WriteInt64LittleEndian(bytes, firstRow + row);
            hash.AppendData(bytes);
        }
    }
}
