using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Mlops.Data;

/// <summary>Makes 128-bit digests of rows, in some of their columns: equal values, equal digests, whatever the encoding. Not safe for concurrent use.</summary>
/// <remarks>The first half of the SHA-256 digest of: a bit for each missing value, then each value – fixed-size ones as <see cref="CanonicalBytes"/> has them, texts after their length.</remarks>
internal sealed class RowIdentity(int[] columns)
{
    private byte[][] _values = [];
    private byte[] _row = new byte[256];

    /// <summary>Makes the digests of the rows of a batch.</summary>
    public void Compute(DataBatch batch, Span<UInt128> digests)
    {
        _values = [.. columns.Select(index => ValuesOf(batch[index]))];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        for (var row = 0; row < batch.RowCount; row++)
        {
            var length = Write(batch, row);
            SHA256.HashData(_row.AsSpan(0, length), digest);
            digests[row] = BinaryPrimitives.ReadUInt128LittleEndian(digest);
        }
    }

    private static byte[] ValuesOf(Column column)
    {
        if (column is TextColumn) return [];
        var values = new byte[checked(column.Length * column.Width * CanonicalBytes.SizeOf(column.Type))];
        CanonicalBytes.Write(column, 0, column.Length * column.Width, values);
        return values;
    }

    private int Write(DataBatch batch, int row)
    {
        var length = (columns.Length + 7) / 8;
        Room(0, length).Clear();
        for (var i = 0; i < columns.Length; i++)
        {
            var column = batch[columns[i]];
            if (column.IsNull(row))
            {
                _row[i >> 3] |= (byte)(1 << (i & 7));
            }
            else if (column is TextColumn texts)
            {
                var text = texts.GetUtf8(row);
                var room = Room(length, 4 + text.Length);
                BinaryPrimitives.WriteInt32LittleEndian(room, text.Length);
                text.CopyTo(room[4..]);
                length += room.Length;
            }
            else
            {
                var size = _values[i].Length / batch.RowCount;
                _values[i].AsSpan(row * size, size).CopyTo(Room(length, size));
                length += size;
            }
        }

        return length;
    }

    private Span<byte> Room(int start, int count)
    {
        if (start + count > _row.Length) Array.Resize(ref _row, Math.Max(checked(start + count), _row.Length * 2));
        return _row.AsSpan(start, count);
    }
}
