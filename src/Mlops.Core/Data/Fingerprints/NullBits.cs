using System.Security.Cryptography;

namespace Mlops.Data;

/// <summary>A digest over which rows of a column have a value: a bit for each row, eight to a byte, the first row lowest. Nothing when all have one.</summary>
internal sealed class NullBits : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _rows;
    private bool _hasNulls;
    private byte _pending;

    /// <summary>Adds rows.</summary>
    /// <param name="column">The rows.</param>
    /// <param name="scratch">Memory to use.</param>
    public void Add(Column column, byte[] scratch)
    {
        if (column.NullCount > 0 && !_hasNulls)
        {
            // All rows before had values, and cost nothing until now.
            var before = _rows;
            (_rows, _hasNulls) = (0, true);
            AddValid(before, scratch);
        }

        if (!_hasNulls) _rows += column.Length;
        else if (column.NullCount == 0) AddValid(column.Length, scratch);
        else AddBits(column.Validity, column.Length, scratch);
    }

    /// <summary>Adds what was made of the rows so far to the digest of the whole.</summary>
    public void Finish(IncrementalHash all)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes + 2];
        _hash.GetCurrentHash(digest);
        digest[^2] = _pending; // The bits of the last rows, when they do not fill a byte.
        digest[^1] = (byte)(_hasNulls ? 1 : 0);
        all.AppendData(digest);
    }

    public void Dispose() => _hash.Dispose();

    private void AddValid(long rows, byte[] scratch)
    {
        ReadOnlySpan<ulong> valid = [ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue];
        for (; rows > 0; rows -= Math.Min(rows, 256)) AddBits(valid, (int)Math.Min(rows, 256), scratch);
    }

    private void AddBits(ReadOnlySpan<ulong> words, int rows, byte[] scratch)
    {
        var (shift, used) = ((int)(_rows & 7), 0);
        var pending = (uint)_pending;
        for (var row = 0; row < rows; row += 8)
        {
            var count = Math.Min(8, rows - row);
            var bits = (uint)(words[row >> 6] >> (row & 63)) & ((1U << count) - 1);
            pending |= bits << shift;
            if (shift + count < 8)
            {
                shift += count;
                break;
            }

            scratch[used++] = (byte)pending;
            pending >>= 8;
            if (count < 8) shift = shift + count - 8;
            if (used < scratch.Length) continue;
            _hash.AppendData(scratch);
            used = 0;
        }

        _hash.AppendData(scratch, 0, used);
        _pending = (byte)pending;
        _rows += rows;
    }
}
