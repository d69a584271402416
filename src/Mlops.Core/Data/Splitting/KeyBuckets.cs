using System.Globalization;
using Mlops.Profiles;

namespace Mlops.Data;

/// <summary>Gives rows one of 10,000 buckets by a hash of their keys: the same bucket for the same key, now and ever. Sees the rows of one read in their order.</summary>
internal sealed class KeyBuckets(string dataset, IReadOnlyList<ColumnSchema> columns, ulong salt)
{
    /// <summary>The number of buckets.</summary>
    public const int Count = 10_000;

    // Numbers, dates and timestamps as text are shorter.
    private const int LongestNumber = 64;
    private const byte Separator = 0x1F;
    private byte[] _bytes = new byte[256];
    private int[] _known = [];
    private long _rows;

    /// <summary>Tells the buckets of rows.</summary>
    public void Read(DataBatch keys, Span<int> buckets)
    {
        for (var i = 0; i < columns.Count; i++) RejectMissing(keys[i], columns[i]);
        if (columns.Count == 1 && keys[0] is TextColumn text) ReadTexts(text, buckets);
        else ReadRows(keys, buckets);
        _rows += buckets.Length;
    }

    private void ReadTexts(TextColumn column, Span<int> buckets)
    {
        if (!column.IsDictionaryEncoded || column.EntryCount > column.Length)
        {
            for (var row = 0; row < buckets.Length; row++) buckets[row] = BucketOf(column.GetUtf8(row));
            return;
        }

        if (_known.Length < column.EntryCount) _known = new int[column.EntryCount];
        for (var entry = 0; entry < column.EntryCount; entry++) _known[entry] = BucketOf(column.GetEntryUtf8(entry));
        for (var row = 0; row < buckets.Length; row++) buckets[row] = _known[column.Codes[row]];
    }

    private void ReadRows(DataBatch keys, Span<int> buckets)
    {
        var writers = new ValueWriter?[columns.Count];
        for (var i = 0; i < writers.Length; i++) writers[i] = WriterOf(keys[i]);
        for (var row = 0; row < buckets.Length; row++)
        {
            var length = 0;
            for (var i = 0; i < writers.Length; i++)
            {
                var text = keys[i] is TextColumn column ? column.GetUtf8(row) : default;
                var needed = length + 1 + Math.Max(text.Length, LongestNumber);
                if (_bytes.Length < needed) Array.Resize(ref _bytes, 2 * needed);
                if (i > 0) _bytes[length++] = Separator;
                text.CopyTo(_bytes.AsSpan(length));
                length += writers[i]?.Invoke(row, _bytes.AsSpan(length)) ?? text.Length;
            }

            buckets[row] = BucketOf(_bytes.AsSpan(0, length));
        }
    }

    private int BucketOf(ReadOnlySpan<byte> key) => (int)(MurmurHash3.Hash(key, salt).First % Count);

    private void RejectMissing(Column keys, ColumnSchema column)
    {
        var doubles = column.Type.IsFloatingPoint() ? ColumnNumbers.ToDoubles(keys) : null;
        if (keys.NullCount == 0 && doubles is null) return;
        for (var row = 0; row < keys.Length; row++)
        {
            if (!keys.IsNull(row) && !(doubles is not null && double.IsNaN(doubles[row]))) continue;
            throw new DataFormatException(
                dataset, 0, column.Name, $"row {_rows + row} (from 0) has no key, so that it has no side of the split. Give each row a key, or leave such rows out before: data.WhereNotNull(\"{column.Name}\").");
        }
    }

    private static ValueWriter? WriterOf(Column column) => column switch
    {
        TextColumn => null,
        Column<long> typed => Writer(typed),
        Column<int> typed => Writer(typed),
        Column<short> typed => Writer(typed),
        Column<sbyte> typed => Writer(typed),
        Column<ulong> typed => Writer(typed),
        Column<uint> typed => Writer(typed),
        Column<ushort> typed => Writer(typed),
        Column<byte> typed => Writer(typed),
        // The two zeros are one key.
        Column<double> typed => (row, target) => Write(typed.Values[row] == 0 ? 0 : typed.Values[row], target),
        Column<float> typed => (row, target) => Write(typed.Values[row] == 0 ? 0 : typed.Values[row], target),
        Column<Half> typed => (row, target) => Write(typed.Values[row] == Half.Zero ? Half.Zero : typed.Values[row], target),
        Column<DateOnly> typed => (row, target) => Write(typed.Values[row], target, "O"),
        Column<DateTime> typed => (row, target) => Write(DateTime.SpecifyKind(typed.Values[row], DateTimeKind.Utc), target, "O"),
        Column<bool> typed => (row, target) => Write(typed.Values[row] ? 1 : 0, target),
        _ => throw new NotSupportedException($"A column of {column.Type} cannot be a key."),
    };

    private static ValueWriter Writer<T>(Column<T> column)
        where T : unmanaged, IUtf8SpanFormattable => (row, target) => Write(column.Values[row], target);

    private static int Write<T>(T value, Span<byte> target, string? format = null)
        where T : IUtf8SpanFormattable
        => value.TryFormat(target, out var written, format, CultureInfo.InvariantCulture) ? written : throw new InvalidOperationException($"A value of {typeof(T).Name} is longer than {LongestNumber} bytes.");

    /// <summary>Writes the value of a row as text.</summary>
    /// <returns>The number of bytes.</returns>
    private delegate int ValueWriter(int row, Span<byte> target);
}
