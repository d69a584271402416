using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Mlops.Data;

/// <summary>The sum, modulo 2^256, of the digests of all rows.</summary>
/// <remarks>
/// A multiset hash by addition (M. Bellare, D. Micciancio, "A new paradigm for collision-free hashing", EUROCRYPT 1997). It tells tables apart that differ by accident;
/// whoever may choose rows freely can, with much work, make two tables of one sum.
/// </remarks>
internal sealed class UnorderedRowDigest(DataSchema schema) : RowDigest
{
    private const int BlockRows = 256;

    // A row is: a bit for each missing value, the fixed-size values, then each text with its length.
    private readonly int _nullBytes = (schema.Count + 7) / 8;
    private readonly int _fixedBytes = ((schema.Count + 7) / 8) + schema.Sum(column => column.Type == ElementType.String ? 0 : column.Width * CanonicalBytes.SizeOf(column.Type));
    private readonly ulong[] _sum = new ulong[4];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _rows = [];
    private byte[] _scratch = [];
    private byte[] _row = [];

    public override void Add(DataBatch batch)
    {
        TextColumn[] texts = [.. Enumerable.Range(0, schema.Count).Select(i => batch[i]).OfType<TextColumn>()];
        if (_rows.Length == 0) (_rows, _row) = (new byte[BlockRows * _fixedBytes], new byte[_fixedBytes]);
        for (var start = 0; start < batch.RowCount; start += BlockRows)
        {
            var count = Math.Min(BlockRows, batch.RowCount - start);
            WriteFixed(batch, start, count);
            for (var i = 0; i < count; i++)
            {
                var row = _rows.AsSpan(i * _fixedBytes, _fixedBytes);
                AddDigest(texts.Length == 0 ? row : WriteTexts(row, texts, start + i));
            }
        }
    }

    public override void Finish(IncrementalHash all)
    {
        Span<byte> bytes = stackalloc byte[32];
        for (var i = 0; i < 4; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes[(8 * i)..], _sum[i]);
        all.AppendData(bytes);
    }

    public override void Dispose() => _hash.Dispose();

    private void WriteFixed(DataBatch batch, int start, int count)
    {
        Array.Clear(_rows);
        var offset = _nullBytes;
        for (var i = 0; i < schema.Count; i++)
        {
            var column = batch[i];
            for (var row = 0; column.NullCount > 0 && row < count; row++)
            {
                if (column.IsNull(start + row)) _rows[(row * _fixedBytes) + (i >> 3)] |= (byte)(1 << (i & 7));
            }

            if (column is TextColumn) continue;
            var size = column.Width * CanonicalBytes.SizeOf(column.Type);
            if (_scratch.Length < count * size) _scratch = new byte[count * size];
            CanonicalBytes.Write(column, start * column.Width, count * column.Width, _scratch);
            Scatter(_scratch.AsSpan(0, count * size), size, offset);
            offset += size;
        }
    }

    private void Scatter(ReadOnlySpan<byte> values, int size, int offset)
    {
        if (size == 8)
        {
            var numbers = MemoryMarshal.Cast<byte, ulong>(values);
            foreach (var number in numbers)
            {
                Unsafe.WriteUnaligned(ref _rows[offset], number);
                offset += _fixedBytes;
            }

            return;
        }

        for (var i = 0; i < values.Length; i += size, offset += _fixedBytes) values.Slice(i, size).CopyTo(_rows.AsSpan(offset));
    }

    private ReadOnlySpan<byte> WriteTexts(ReadOnlySpan<byte> row, TextColumn[] texts, int index)
    {
        var length = row.Length;
        foreach (var column in texts) length += 4 + column.GetUtf8(index).Length;
        if (_row.Length < length) _row = new byte[length * 2];
        row.CopyTo(_row);
        var offset = row.Length;
        foreach (var column in texts)
        {
            var text = column.GetUtf8(index);
            BinaryPrimitives.WriteInt32LittleEndian(_row.AsSpan(offset), text.Length);
            text.CopyTo(_row.AsSpan(offset + 4));
            offset += 4 + text.Length;
        }

        return _row.AsSpan(0, length);
    }

    private void AddDigest(ReadOnlySpan<byte> row)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        // Reused: setting up a digest costs more than the bytes of most rows.
        _hash.AppendData(row);
        _hash.GetHashAndReset(digest);
        ulong carry = 0;
        for (var i = 0; i < 4; i++)
        {
            var sum = (UInt128)_sum[i] + BinaryPrimitives.ReadUInt64LittleEndian(digest[(8 * i)..]) + carry;
            _sum[i] = (ulong)sum;
            carry = (ulong)(sum >> 64);
        }
    }
}
