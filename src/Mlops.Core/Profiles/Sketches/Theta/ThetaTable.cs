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

    /// <summary>Gets the hashes below a limit, in any order.</summary>
    internal ulong[] GetBelow(ulong limit)
    {
        var below = new ulong[Count];
        var count = 0;
        foreach (var hash in _slots)
        {
            if (hash != 0 && hash < limit) below[count++] = hash;
        }

        return count == below.Length ? below : below[..count];
    }

    /// <summary>Gets all hashes, ascending.</summary>
    internal ulong[] GetSorted()
    {
        var sorted = GetBelow(ulong.MaxValue);
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>Throws out the hashes from a limit on.</summary>
    internal void KeepBelow(ulong limit)
    {
        var kept = GetBelow(limit);
        if (kept.Length == Count) return;
        Array.Clear(_slots);
        Count = 0;
        foreach (var hash in kept) Add(hash);
    }

    /// <summary>Throws out all but a number of the smallest hashes.</summary>
    /// <returns>The smallest hash that went.</returns>
    internal ulong KeepSmallest(int count)
    {
        var limit = Select(GetBelow(ulong.MaxValue), count);
        KeepBelow(limit);
        return limit;
    }

    /// <summary>Gets the value that would be at a place after sorting (C. A. R. Hoare, 1961).</summary>
    private static ulong Select(ulong[] values, int place)
    {
        for (var (low, high) = (0, values.Length - 1); low < high;)
        {
            var pivot = values[(low + high) / 2];
            var (left, right) = (low, high);
            while (left <= right)
            {
                while (values[left] < pivot) left++;
                while (values[right] > pivot) right--;
                if (left > right) break;
                (values[left], values[right]) = (values[right], values[left]);
                left++;
                right--;
            }

            if (place <= right) high = right;
            else if (place >= left) low = left;
            else break;
        }

        return values[place];
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
