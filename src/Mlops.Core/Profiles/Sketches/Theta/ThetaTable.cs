using System.Numerics;

namespace Mlops.Profiles;

/// <summary>A set of hashes, open-addressed; zero is no hash.</summary>
internal sealed class ThetaTable
{
    private const int LgSmallest = 5;
    private ulong[] _slots;

    internal ThetaTable(int capacity = 0)
        => _slots = new ulong[Math.Max(1 << LgSmallest, (int)BitOperations.RoundUpToPowerOf2((uint)capacity * 4 / 3))];

    internal int Count { get; private set; }

    internal bool Contains(ulong hash) => _slots[Find(_slots, hash)] == hash;

    /// <returns>Whether it was not there.</returns>
    internal bool Add(ulong hash)
    {
        var slot = Find(_slots, hash);
        if (_slots[slot] == hash) return false;
        _slots[slot] = hash;
        Count++;
        if (4L * Count > 3L * _slots.Length) Grow();
        return true;
    }

    /// <summary>Gets the hashes below a limit, ascending.</summary>
    internal ulong[] GetSorted(ulong below = ulong.MaxValue)
    {
        var sorted = new ulong[Count];
        var count = 0;
        foreach (var hash in _slots)
        {
            if (hash != 0 && hash < below) sorted[count++] = hash;
        }

        Array.Sort(sorted, 0, count);
        return count == sorted.Length ? sorted : sorted[..count];
    }

    /// <summary>Replaces all hashes.</summary>
    internal void Set(ReadOnlySpan<ulong> hashes)
    {
        Array.Clear(_slots);
        Count = 0;
        foreach (var hash in hashes) Add(hash);
    }

    private void Grow()
    {
        var grown = new ulong[_slots.Length * 2];
        foreach (var hash in _slots)
        {
            if (hash != 0) grown[Find(grown, hash)] = hash;
        }

        _slots = grown;
    }

    private static int Find(ulong[] slots, ulong hash)
    {
        var mask = (uint)slots.Length - 1;
        // The low bits choose the slot, the next ones the distance to the next.
        var probe = (uint)hash & mask;
        var stride = ((uint)(hash >> 32) & 0x7F) | 1;
        while (slots[probe] != 0 && slots[probe] != hash) probe = (probe + stride) & mask;
        return (int)probe;
    }
}
