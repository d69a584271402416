using System.Runtime.InteropServices;

namespace Mlops.Data;

/// <summary>Numbers different texts in the order of their first occurrence.</summary>
internal sealed class Utf8Dictionary
{
    private const int SmallestTable = 256;
    private readonly List<int> _offsets = [0];
    private readonly List<uint> _hashes = [];
    private byte[] _bytes = new byte[4096];
    private int[] _table = new int[SmallestTable];

    /// <summary>Gets the number of different texts.</summary>
    public int Count => _hashes.Count;

    /// <summary>Gets the number of bytes of the different texts.</summary>
    public int ByteCount => _offsets[^1];

    /// <summary>Gets the text of a number.</summary>
    /// <param name="entry">The number, from 0.</param>
    public ReadOnlySpan<byte> this[int entry] => _bytes.AsSpan(_offsets[entry].._offsets[entry + 1]);

    /// <summary>Gets the number of a text.</summary>
    /// <param name="utf8">The text.</param>
    /// <returns>Its number, from 0.</returns>
    public int GetOrAdd(ReadOnlySpan<byte> utf8)
    {
        var hash = Hash(utf8);
        var mask = (uint)_table.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            // The table holds numbers plus 1; 0 is a free slot.
            var entry = _table[slot] - 1;
            if (entry < 0) return Add(utf8, hash, slot);
            if (_hashes[entry] == hash && this[entry].SequenceEqual(utf8)) return entry;
        }
    }

    /// <summary>Finds the number of a text.</summary>
    /// <param name="utf8">The text.</param>
    /// <returns>Its number, from 0; -1 when it has none.</returns>
    public int Find(ReadOnlySpan<byte> utf8)
    {
        var hash = Hash(utf8);
        var mask = (uint)_table.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            var entry = _table[slot] - 1;
            if (entry < 0) return -1;
            if (_hashes[entry] == hash && this[entry].SequenceEqual(utf8)) return entry;
        }
    }

    /// <summary>Makes a column of numbers given out so far.</summary>
    /// <param name="codes">Each row's number; the column keeps the array.</param>
    /// <param name="validity">The validity bitmap.</param>
    /// <returns>The dictionary-encoded column.</returns>
    public TextColumn ToColumn(int[] codes, ulong[]? validity) => TextColumn.FromCodes(codes, _bytes.AsMemory(0, ByteCount).ToArray(), _offsets.ToArray(), validity);

    /// <summary>Forgets all texts.</summary>
    public void Clear()
    {
        _hashes.Clear();
        CollectionsMarshal.SetCount(_offsets, 1);
        Array.Clear(_table);
    }

    private int Add(ReadOnlySpan<byte> utf8, uint hash, uint slot)
    {
        var start = ByteCount;
        if (start + utf8.Length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(checked(start + utf8.Length), (int)Math.Min(Array.MaxLength, _bytes.Length * 2L)));
        utf8.CopyTo(_bytes.AsSpan(start));
        _offsets.Add(start + utf8.Length);
        _hashes.Add(hash);
        _table[slot] = Count;
        if (Count * 2 > _table.Length) Grow();
        return Count - 1;
    }

    private void Grow()
    {
        _table = new int[_table.Length * 2];
        var mask = (uint)_table.Length - 1;
        for (var entry = 0; entry < _hashes.Count; entry++)
        {
            var slot = _hashes[entry] & mask;
            while (_table[slot] != 0) slot = (slot + 1) & mask;
            _table[slot] = entry + 1;
        }
    }

    // Multiply and fold, eight bytes at a time: the order of entries does not depend on it, so it may differ between machines.
    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        const ulong Multiplier = 0x9FB21C651E98DF25;
        var hash = (ulong)utf8.Length * Multiplier;
        while (utf8.Length >= 8)
        {
            hash = Fold(hash ^ MemoryMarshal.Read<ulong>(utf8), Multiplier);
            utf8 = utf8[8..];
        }

        // Two reads that may overlap, or three bytes, hold all of what is left; the length is in the hash already.
        var rest = utf8.Length switch
        {
            >= 4 => MemoryMarshal.Read<uint>(utf8) | ((ulong)MemoryMarshal.Read<uint>(utf8[^4..]) << 32),
            > 0 => utf8[0] | ((ulong)utf8[utf8.Length / 2] << 8) | ((ulong)utf8[^1] << 16),
            _ => 0UL,
        };
        hash = Fold(hash ^ rest, Multiplier);
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong Fold(ulong value, ulong multiplier)
    {
        var high = Math.BigMul(value, multiplier, out var low);
        return high ^ low;
    }
}
