namespace Mlops.Profiles;

/// <summary>Values with weights in an open-addressed table that throws out the light ones when it may not grow.</summary>
/// <remarks>
/// Linear probing; a deletion moves later ones of its run back. A purge subtracts the median of up to 1,024 weights, in the order of slots, from all and
/// deletes what is not positive. Source: Apache DataSketches' reverse purge hash map (D. Anderson et al., "A high-performance algorithm for identifying
/// frequent items in data streams", IMC 2017).
/// </remarks>
internal sealed class ReversePurgeMap
{
    internal const int LgSmallestSize = 3;

    private const int LargestSample = 1024;

    // The reciprocal of the golden ratio: a stride that spreads what is read from one table over another.
    private const double StrideShare = 0.6180339887498949;

    private byte[]?[] _keys;
    private ulong[] _hashes;
    private long[] _weights;

    internal ReversePurgeMap(int lgSize, int lgMaximumSize)
    {
        LgMaximumSize = lgMaximumSize;
        LgSize = lgSize;
        _keys = new byte[]?[1 << lgSize];
        _hashes = new ulong[1 << lgSize];
        _weights = new long[1 << lgSize];
    }

    internal int LgMaximumSize { get; }

    internal int LgSize { get; private set; }

    internal int Count { get; private set; }

    private int Mask => _keys.Length - 1;

    /// <summary>Gets how many values a table of a size may hold.</summary>
    internal static int GetCapacity(int lgSize) => (1 << lgSize) / 4 * 3;

    internal long GetWeight(ReadOnlySpan<byte> key)
    {
        var slot = Find(key, ItemHash.Hash(key));
        return _keys[slot] is null ? 0 : _weights[slot];
    }

    /// <summary>Adds weight to a value.</summary>
    /// <returns>What a purge subtracted from every weight; 0 when there was none.</returns>
    internal long Add(ReadOnlySpan<byte> key, long weight)
    {
        var hash = ItemHash.Hash(key);
        var slot = Find(key, hash);
        if (_keys[slot] is not null)
        {
            _weights[slot] = checked(_weights[slot] + weight);
            return 0;
        }

        Place(slot, key.ToArray(), hash, weight);
        if (Count <= GetCapacity(LgSize)) return 0;
        if (LgSize >= LgMaximumSize) return Purge();
        Grow();
        return 0;
    }

    /// <summary>Gets the values in the order in which they are stored and merged.</summary>
    internal List<(byte[] Key, long Weight)> GetItems()
    {
        var items = new List<(byte[] Key, long Weight)>(Count);
        foreach (var slot in GetOrder(slot => _keys[slot] is not null)) items.Add((_keys[slot]!, _weights[slot]));
        return items;
    }

    /// <summary>Makes a map of stored values, each in the slot from which it was stored where the order tells it.</summary>
    /// <returns>The map; <see langword="null"/> when a value is there twice.</returns>
    internal static ReversePurgeMap? FromStored(int lgSize, int lgMaximumSize, List<(byte[] Key, long Weight)> items)
    {
        var map = new ReversePurgeMap(lgSize, lgMaximumSize);
        if (!map.TryRestore(items))
        {
            // Stored by a library with another hash: any order will do.
            map = new ReversePurgeMap(lgSize, lgMaximumSize);
            foreach (var (key, weight) in items) map.Add(key, weight);
        }

        return map.Count == items.Count && map.FindsAll() ? map : null;
    }

    private bool TryRestore(List<(byte[] Key, long Weight)> items)
    {
        // With linear probing, which slots are taken does not depend on the order of insertion.
        var taken = new bool[_keys.Length];
        var hashes = items.ConvertAll(item => ItemHash.Hash(item.Key));
        foreach (var hash in hashes)
        {
            var slot = (int)hash & Mask;
            while (taken[slot]) slot = (slot + 1) & Mask;
            taken[slot] = true;
        }

        var next = 0;
        foreach (var slot in GetOrder(slot => taken[slot]))
        {
            Place(slot, items[next].Key, hashes[next], items[next].Weight);
            next++;
        }

        return FindsAll();
    }

    private bool FindsAll()
    {
        for (var slot = 0; slot < _keys.Length; slot++)
        {
            if (_keys[slot] is { } key && Find(key, _hashes[slot]) != slot) return false;
        }

        return true;
    }

    private IEnumerable<int> GetOrder(Func<int, bool> isTaken)
    {
        var stride = (int)(_keys.Length * StrideShare) | 1;
        var slot = 0;
        while (slot < _keys.Length && !isTaken(slot)) slot++;
        for (var step = 0; slot < _keys.Length && step < _keys.Length; step++, slot = (slot + stride) & Mask)
        {
            if (isTaken(slot)) yield return slot;
        }
    }

    private int Find(ReadOnlySpan<byte> key, ulong hash)
    {
        var slot = (int)hash & Mask;
        while (_keys[slot] is { } other && !(_hashes[slot] == hash && key.SequenceEqual(other))) slot = (slot + 1) & Mask;
        return slot;
    }

    private void Place(int slot, byte[] key, ulong hash, long weight)
    {
        _keys[slot] = key;
        _hashes[slot] = hash;
        _weights[slot] = weight;
        Count++;
    }

    private void Grow()
    {
        var (keys, hashes, weights) = (_keys, _hashes, _weights);
        LgSize++;
        _keys = new byte[]?[1 << LgSize];
        _hashes = new ulong[1 << LgSize];
        _weights = new long[1 << LgSize];
        Count = 0;
        for (var slot = 0; slot < keys.Length; slot++)
        {
            if (keys[slot] is { } key) Place(Find(key, hashes[slot]), key, hashes[slot], weights[slot]);
        }
    }

    private long Purge()
    {
        var samples = new long[Math.Min(LargestSample, Count)];
        for (var (slot, next) = (0, 0); next < samples.Length; slot++)
        {
            if (_keys[slot] is not null) samples[next++] = _weights[slot];
        }

        Array.Sort(samples);
        var median = samples[samples.Length / 2];
        // From the end of a run to its start, so that what a deletion moves has been dealt with; the run across the end of the table comes last.
        var end = Mask;
        while (_keys[end] is not null) end--;
        for (var slot = end - 1; slot >= 0; slot--) Lighten(slot, median);
        for (var slot = Mask; slot >= end; slot--) Lighten(slot, median);
        return median;
    }

    private void Lighten(int slot, long amount)
    {
        if (_keys[slot] is null) return;
        if (_weights[slot] > amount) _weights[slot] -= amount;
        else Delete(slot);
    }

    private void Delete(int hole)
    {
        _keys[hole] = null;
        Count--;
        for (var slot = (hole + 1) & Mask; _keys[slot] is not null; slot = (slot + 1) & Mask)
        {
            // One that was driven at least this far from its home may move back into the hole.
            var drift = (slot - (int)_hashes[slot]) & Mask;
            if (drift < ((slot - hole) & Mask)) continue;
            (_keys[hole], _hashes[hole], _weights[hole]) = (_keys[slot], _hashes[slot], _weights[slot]);
            _keys[slot] = null;
            hole = slot;
        }
    }
}
