namespace Mlops.Data;

/// <summary>A small number for each of many rows, in 1, 2, 4, 8, 16 or 32 bits each, whatever the largest needs. Appended to, then read by any number of threads.</summary>
internal sealed class PackedCodes
{
    private const int ChunkBits = 16;
    private const int ChunkRows = 1 << ChunkBits;
    private List<ulong[]> _chunks = [];
    // A code takes 2^_log bits.
    private int _log;

    /// <summary>Gets the number of rows.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the bits that each row takes.</summary>
    public int BitsPerRow => 1 << _log;

    /// <summary>Adds rows.</summary>
    /// <param name="codes">The number of each, at least 0.</param>
    public void Add(ReadOnlySpan<int> codes)
    {
        var all = 0;
        foreach (var code in codes) all |= code;
        while (_log < 5 && all >>> BitsPerRow != 0) Widen();
        foreach (var code in codes) Append(code);
    }

    /// <summary>Reads rows.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="target">Receives the numbers of so many rows.</param>
    public void CopyTo(long start, Span<int> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + target.Length, Count);
        var (log, mask) = (_log, Mask);
        for (var i = 0; i < target.Length;)
        {
            var row = (int)(start + i) & (ChunkRows - 1);
            var chunk = _chunks[(int)((start + i) >> ChunkBits)];
            var count = Math.Min(target.Length - i, ChunkRows - row);
            for (var end = i + count; i < end; i++, row++) target[i] = (int)((chunk[row >> (6 - log)] >> (row << log)) & mask);
        }
    }

    /// <summary>Makes other numbers of these.</summary>
    /// <param name="map">Changes the numbers of rows, which it sees in their order, in place.</param>
    public PackedCodes Map(RowsMap map)
    {
        var mapped = new PackedCodes();
        var block = new int[Math.Min(Count, ReadOptions.DefaultBatchRows)];
        for (long start = 0; start < Count; start += block.Length)
        {
            var rows = block.AsSpan(0, (int)Math.Min(block.Length, Count - start));
            CopyTo(start, rows);
            map(rows);
            mapped.Add(rows);
        }

        return mapped;
    }

    // Shifts use only the lower bits of their count: a row's place in its word is (row << log) % 64.
    private ulong Mask => _log == 5 ? uint.MaxValue : (1UL << (1 << _log)) - 1;

    private void Append(int code)
    {
        var row = (int)Count & (ChunkRows - 1);
        if (row == 0) _chunks.Add(new ulong[ChunkRows >> (6 - _log)]);
        _chunks[^1][row >> (6 - _log)] |= (ulong)code << (row << _log);
        Count++;
    }

    private void Widen()
    {
        var wider = new PackedCodes { _log = _log + 1 };
        var rows = new int[ReadOptions.DefaultBatchRows];
        for (long start = 0; start < Count; start += rows.Length)
        {
            var block = rows.AsSpan(0, (int)Math.Min(rows.Length, Count - start));
            CopyTo(start, block);
            foreach (var code in block) wider.Append(code);
        }

        (_chunks, _log) = (wider._chunks, wider._log);
    }

    /// <summary>Changes the numbers of consecutive rows in place.</summary>
    internal delegate void RowsMap(Span<int> rows);
}
