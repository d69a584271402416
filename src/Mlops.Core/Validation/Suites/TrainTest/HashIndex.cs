namespace Mlops.Validation;

/// <summary>Numbers different hashes of 128 bits in the order of their first occurrence; 24 to 40 bytes each.</summary>
internal sealed class HashIndex
{
    private UInt128[] _keys = new UInt128[128];
    private int[] _table = new int[256];

    /// <summary>Gets the number of different hashes.</summary>
    public int Count { get; private set; }

    /// <summary>Finds the number of a hash, from 0; -1 when it has none.</summary>
    public int Find(UInt128 key)
    {
        var mask = _table.Length - 1;
        for (var slot = (int)(ulong)key & mask; ; slot = (slot + 1) & mask)
        {
            // The table holds numbers plus 1; 0 is a free slot.
            var number = _table[slot] - 1;
            if (number < 0 || _keys[number] == key) return number;
        }
    }

    /// <summary>Gets the number of a hash, from 0; a new one's is the former <see cref="Count"/>.</summary>
    public int GetOrAdd(UInt128 key)
    {
        var mask = _table.Length - 1;
        var slot = (int)(ulong)key & mask;
        for (; _table[slot] != 0; slot = (slot + 1) & mask)
        {
            if (_keys[_table[slot] - 1] == key) return _table[slot] - 1;
        }

        if (Count == _keys.Length) Array.Resize(ref _keys, checked(Count * 2));
        _keys[Count++] = key;
        _table[slot] = Count;
        if (Count * 2L > _table.Length) Grow();
        return Count - 1;
    }

    private void Grow()
    {
        _table = new int[checked(_table.Length * 2)];
        var mask = _table.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var slot = (int)(ulong)_keys[number] & mask;
            while (_table[slot] != 0) slot = (slot + 1) & mask;
            _table[slot] = number + 1;
        }
    }
}
