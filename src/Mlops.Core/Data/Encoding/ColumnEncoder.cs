using System.Buffers.Binary;

namespace Mlops.Data;

/// <summary>Writes one column of some rows.</summary>
internal static class ColumnEncoder
{
    private const int SmallestDictionaryRows = 16;
    private const int SettledAfterRows = 64;

    public static void Encode(ColumnSchema column, int index, IReadOnlyList<RowRange> rows, int count, PayloadWriter target)
    {
        var hasNulls = HasNulls(index, rows);
        var (codes, entries) = column.Type == ElementType.String ? FindEntries(index, rows, count) : default;
        target.AppendByte((byte)column.Type);
        target.AppendByte((byte)((entries is null ? 0 : DataBatchCodec.DictionaryForm) | (hasNulls ? DataBatchCodec.NullsForm : 0)));
        target.AppendInt32(column.Width);
        if (hasNulls) WriteValidity(index, rows, target.Append(8L * ((count + 63) >> 6)));
        if (column.Type != ElementType.String) WriteValues(column, index, rows, target);
        else if (entries is null) WriteTexts(index, rows, count, target);
        else WriteCodes(codes!, entries, target);
    }

    private static bool HasNulls(int index, IReadOnlyList<RowRange> rows)
    {
        foreach (var (batch, start, count) in rows)
        {
            var column = batch[index];
            if (column.NullCount == 0) continue;
            for (var row = start; row < start + count; row++)
            {
                if (column.IsNull(row)) return true;
            }
        }

        return false;
    }

    private static void WriteValidity(int index, IReadOnlyList<RowRange> rows, Span<byte> target)
    {
        target.Clear();
        var bit = 0;
        foreach (var (batch, start, count) in rows)
        {
            var column = batch[index];
            for (var row = start; row < start + count; row++, bit++)
            {
                if (!column.IsNull(row)) target[bit >> 3] |= (byte)(1 << (bit & 7));
            }
        }
    }

    private static void WriteValues(ColumnSchema column, int index, IReadOnlyList<RowRange> rows, PayloadWriter target)
    {
        var size = (long)column.Width * CanonicalBytes.SizeOf(column.Type);
        foreach (var (batch, start, count) in rows)
            CanonicalBytes.Write(batch[index], checked(start * column.Width), checked(count * column.Width), target.Append(count * size));
    }

    private static void WriteTexts(int index, IReadOnlyList<RowRange> rows, int count, PayloadWriter target)
    {
        var lengths = target.Append(4L * count);
        var (at, bytes) = (0, 0L);
        foreach (var (batch, start, some) in rows)
        {
            var column = (TextColumn)batch[index];
            for (var row = start; row < start + some; row++, at += 4)
            {
                var length = column.GetUtf8(row).Length;
                BinaryPrimitives.WriteInt32LittleEndian(lengths[at..], length);
                bytes += length;
            }
        }

        var texts = target.Append(bytes);
        foreach (var (batch, start, some) in rows)
        {
            var column = (TextColumn)batch[index];
            for (var row = start; row < start + some; row++)
            {
                var text = column.GetUtf8(row);
                text.CopyTo(texts);
                texts = texts[text.Length..];
            }
        }
    }

    /// <summary>Numbers the different texts in the order of their first occurrence, unless there are too many of them.</summary>
    private static (int[]? Codes, Utf8Dictionary? Entries) FindEntries(int index, IReadOnlyList<RowRange> rows, int count)
    {
        if (count < SmallestDictionaryRows) return default;
        var (codes, entries, done) = (new int[count], new Utf8Dictionary(), 0);
        foreach (var (batch, start, some) in rows)
        {
            var column = (TextColumn)batch[index];
            // The source's own dictionary saves looking a text up for every row; -1 is a code not seen yet.
            var known = column.IsDictionaryEncoded && column.EntryCount <= some ? new int[column.EntryCount] : [];
            Array.Fill(known, -1);
            for (var row = start; row < start + some; row++)
            {
                if (!column.IsNull(row)) codes[done] = known.Length == 0 ? entries.GetOrAdd(column.GetUtf8(row)) : Translate(column, column.Codes[row], known, entries);
                done++;
                if (done >= SettledAfterRows && entries.Count > done / 2) return default;
            }
        }

        return entries.Count > 0 && entries.Count <= count / 2 ? (codes, entries) : default;
    }

    private static int Translate(TextColumn column, int code, int[] known, Utf8Dictionary entries)
    {
        if (known[code] < 0) known[code] = entries.GetOrAdd(column.GetEntryUtf8(code));
        return known[code];
    }

    private static void WriteCodes(int[] codes, Utf8Dictionary entries, PayloadWriter target)
    {
        target.AppendInt32(entries.Count);
        for (var i = 0; i < entries.Count; i++) target.AppendInt32(entries[i].Length);
        for (var i = 0; i < entries.Count; i++) entries[i].CopyTo(target.Append(entries[i].Length));
        var size = CodeSize(entries.Count);
        var bytes = target.Append((long)codes.Length * size);
        for (var i = 0; i < codes.Length; i++)
        {
            switch (size)
            {
                case 1: bytes[i] = (byte)codes[i]; break;
                case 2: BinaryPrimitives.WriteUInt16LittleEndian(bytes[(2 * i)..], (ushort)codes[i]); break;
                default: BinaryPrimitives.WriteInt32LittleEndian(bytes[(4 * i)..], codes[i]); break;
            }
        }
    }

    /// <summary>Gets the bytes of the number of an entry.</summary>
    public static int CodeSize(int entries) => entries <= 1 << 8 ? 1 : entries <= 1 << 16 ? 2 : 4;
}
