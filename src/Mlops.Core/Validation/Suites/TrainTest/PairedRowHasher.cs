using System.Buffers.Binary;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Hashes rows of two datasets to 128 bits in the columns they have in common: equal values, equal hashes, whatever the encoding and the type. Not safe for concurrent use.</summary>
/// <remarks>NaN is a missing value, and missing values are equal. Two of n different rows have the same hash with a probability of about n² / 2¹²⁹: 10⁻²⁰ for a billion rows.</remarks>
internal sealed class PairedRowHasher(IReadOnlyList<PairedColumn> columns)
{
    private readonly Column[] _columns = new Column[columns.Count];
    private readonly ulong[][] _bits = new ulong[columns.Count][];
    private readonly bool[]?[] _missing = new bool[]?[columns.Count];
    // A label alone makes no row.
    private readonly bool[] _counts = [.. columns.Select(column => column.Train.Role != ColumnRole.Label || columns.All(other => other.Train.Role == ColumnRole.Label))];
    private UInt128[] _hashes = [];
    private byte[] _row = new byte[256];

    /// <summary>Gets which rows of the last batch have no value in any of the columns, besides a label.</summary>
    public List<bool> AreEmpty { get; } = [];

    /// <summary>Hashes the rows of a batch.</summary>
    /// <returns>The hashes, shape (rows); valid until the next call.</returns>
    public ReadOnlySpan<UInt128> Compute(DatasetPart part, DataBatch rows)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            _columns[i] = columns[i].In(part, rows);
            _bits[i] = columns[i].IsText ? [] : CommonForms.ReadBits(_columns[i], columns[i].Form);
            _missing[i] = PairedColumn.FindMissing(_columns[i]);
        }

        if (_hashes.Length < rows.RowCount) _hashes = new UInt128[rows.RowCount];
        AreEmpty.Clear();
        for (var row = 0; row < rows.RowCount; row++)
        {
            var length = Write(row, out var isEmpty);
            AreEmpty.Add(isEmpty);
            var (first, second) = MurmurHash3.Hash(_row.AsSpan(0, length));
            _hashes[row] = new UInt128(second, first);
        }

        return _hashes.AsSpan(0, rows.RowCount);
    }

    private int Write(int row, out bool isEmpty)
    {
        var length = 0;
        isEmpty = true;
        for (var i = 0; i < columns.Count; i++)
        {
            var isMissing = _missing[i] is { } missing && missing[row];
            Room(length++, 1)[0] = isMissing ? (byte)0 : (byte)1;
            if (isMissing) continue;
            isEmpty &= !_counts[i];
            if (_columns[i] is TextColumn texts)
            {
                var text = texts.GetUtf8(row);
                var room = Room(length, 4 + text.Length);
                BinaryPrimitives.WriteInt32LittleEndian(room, text.Length);
                text.CopyTo(room[4..]);
                length += room.Length;
            }
            else
            {
                var width = _columns[i].Width;
                var room = Room(length, 8 * width);
                for (var element = 0; element < width; element++) BinaryPrimitives.WriteUInt64LittleEndian(room[(8 * element)..], _bits[i][(row * width) + element]);
                length += room.Length;
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
