namespace Mlops.Data;

/// <summary>Decides after which rows a chunk ends, from the rows themselves, so that rows which are inserted, deleted or appended change few chunks.</summary>
/// <remarks>
/// <para>A chunk ends where a hash over the last eight rows is below a limit that grows with the size of the row: content-defined chunking as in W. Xia et al., "FastCDC",
/// USENIX ATC 2016 – a shifted sum of hashes (gear), a smallest size, a largest one, and a limit that is harder to meet before the target size than after it – over
/// rows instead of bytes.</para>
/// <para>The target grows with the position in the data, from 8 KiB to 1 MiB, in powers of two: a thirty-second to a sixty-fourth of what comes before. So also a small dataset has
/// many chunks, and a version that appends a little writes a little; a large one does not have too many. A row counts as 64 bytes at least.</para>
/// </remarks>
internal sealed class ContentChunker
{
    private const long SmallestTarget = 8 << 10;
    private const long LargestTarget = 1 << 20;
    private const int SmallestRow = 64;

    private long _position;
    private long _size;
    private ulong _gear;
    private long _target = SmallestTarget;

    /// <summary>Takes in a row.</summary>
    /// <param name="hash">Its hash.</param>
    /// <param name="bytes">Its size.</param>
    /// <returns>Whether the chunk ends with it.</returns>
    public bool Add(ulong hash, int bytes)
    {
        var size = Math.Max(bytes, SmallestRow);
        _size += size;
        _gear = (_gear << 8) + hash;
        if (_size < _target / 4 || (_size < _target * 4 && _gear >= Limit(size))) return false;
        _position += _size;
        _size = 0;
        _target = TargetAt(_position);
        return true;
    }

    private ulong Limit(long size)
    {
        // Of all hashes, so many that one is met every target bytes; four times harder before, four times easier after.
        var limit = (UInt128)size * (ulong.MaxValue / (ulong)_target);
        limit = _size < _target ? limit / 4 : limit * 4;
        return limit > ulong.MaxValue ? ulong.MaxValue : (ulong)limit;
    }

    private static long TargetAt(long position)
    {
        var target = Math.Clamp(position / 32, SmallestTarget, LargestTarget);
        return 1L << (int)long.Log2(target);
    }
}
