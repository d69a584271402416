using System.Buffers.Binary;

namespace Mlops.Data;

/// <summary>Hashes the rows of batches to 64 bits, column by column, the same on every platform and for every encoding. Not for protection against anybody.</summary>
internal sealed class RowHasher
{
    private const ulong Multiplier = 0x9FB21C651E98DF25;
    private const ulong Missing = 0xD6E8FEB86659FD93;

    private byte[] _scratch = [];
    private ulong[] _entries = [];
    private ulong[] _hashes = [];
    private int[] _sizes = [];

    /// <summary>Hashes rows.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="hashes">Their hashes, shape (rows); valid until the next call.</param>
    /// <param name="sizes">Their sizes in bytes, shape (rows); valid until the next call.</param>
    public void Hash(DataBatch batch, out ReadOnlySpan<ulong> hashes, out ReadOnlySpan<int> sizes)
    {
        if (_hashes.Length < batch.RowCount) (_hashes, _sizes) = (new ulong[batch.RowCount], new int[batch.RowCount]);
        var target = _hashes.AsSpan(0, batch.RowCount);
        var bytes = _sizes.AsSpan(0, batch.RowCount);
        target.Clear();
        bytes.Clear();
        for (var i = 0; i < batch.Schema.Count; i++)
        {
            if (batch[i] is TextColumn texts) AddTexts(texts, target, bytes);
            else AddValues(batch[i], target, bytes);
            AddNulls(batch[i], target);
        }

        foreach (ref var hash in target) hash = Mix(hash, Missing);
        hashes = target;
        sizes = bytes;
    }

    private void AddValues(Column column, Span<ulong> hashes, Span<int> sizes)
    {
        var size = column.Width * CanonicalBytes.SizeOf(column.Type);
        if (!CanonicalBytes.TryGet(column, 0, hashes.Length * column.Width, out var bytes))
        {
            var length = checked(hashes.Length * size);
            if (_scratch.Length < length) _scratch = new byte[length];
            CanonicalBytes.Write(column, 0, hashes.Length * column.Width, _scratch);
            bytes = _scratch.AsSpan(0, length);
        }

        foreach (ref var total in sizes) total += size;
        switch (size)
        {
            case 1:
                for (var i = 0; i < hashes.Length; i++) hashes[i] = Mix(hashes[i], bytes[i]);
                break;
            case 4:
                for (var i = 0; i < hashes.Length; i++) hashes[i] = Mix(hashes[i], BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]));
                break;
            case 8:
                for (var i = 0; i < hashes.Length; i++) hashes[i] = Mix(hashes[i], BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * i)..]));
                break;
            default:
                for (var i = 0; i < hashes.Length; i++) hashes[i] = Mix(hashes[i], HashBytes(bytes.Slice(i * size, size)));
                break;
        }
    }

    private void AddTexts(TextColumn column, Span<ulong> hashes, Span<int> sizes)
    {
        if (column.IsDictionaryEncoded && column.EntryCount <= hashes.Length)
        {
            if (_entries.Length < column.EntryCount) _entries = new ulong[column.EntryCount];
            for (var entry = 0; entry < column.EntryCount; entry++) _entries[entry] = HashBytes(column.GetEntryUtf8(entry));
            for (var i = 0; i < hashes.Length; i++)
            {
                if (column.IsNull(i)) continue;
                hashes[i] = Mix(hashes[i], _entries[column.Codes[i]]);
                sizes[i] += 4 + column.GetEntryUtf8(column.Codes[i]).Length;
            }

            return;
        }

        for (var i = 0; i < hashes.Length; i++)
        {
            if (column.IsNull(i)) continue;
            var text = column.GetUtf8(i);
            hashes[i] = Mix(hashes[i], HashBytes(text));
            sizes[i] += 4 + text.Length;
        }
    }

    private static void AddNulls(Column column, Span<ulong> hashes)
    {
        for (var i = 0; column.NullCount > 0 && i < hashes.Length; i++)
        {
            if (column.IsNull(i)) hashes[i] = Mix(hashes[i], Missing);
        }
    }

    private static ulong HashBytes(ReadOnlySpan<byte> bytes)
    {
        var hash = (ulong)bytes.Length;
        while (bytes.Length >= 8)
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        var rest = 0UL;
        for (var i = 0; i < bytes.Length; i++) rest |= (ulong)bytes[i] << (8 * i);
        return Mix(hash, rest);
    }

    // Multiply and fold: every bit of the result depends on every bit of both.
    private static ulong Mix(ulong hash, ulong value)
    {
        var high = Math.BigMul(hash ^ value ^ Multiplier, 0xA0761D6478BD642F, out var low);
        return (high ^ low) + (hash << 1 | hash >> 63);
    }
}
