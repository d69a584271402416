using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Tells for values whether they were there before, exactly.</summary>
/// <remarks>Numbers are kept as they are; texts as digests of 128 bits, of which two are the same by chance once in 10²⁰ datasets of a billion different texts.</remarks>
internal sealed class OccurrenceTable
{
    private const int SmallestTable = 64;
    private readonly bool _isText;
    private ulong[] _first = new ulong[SmallestTable];
    private ulong[] _second;
    private byte[] _times = new byte[SmallestTable];

    public OccurrenceTable(bool isText)
    {
        _isText = isText;
        _second = isText ? new ulong[SmallestTable] : [];
    }

    /// <summary>Gets the number of different values.</summary>
    public long DistinctCount { get; private set; }

    /// <summary>Gets the number of values that were there once.</summary>
    public long OnceCount { get; private set; }

    /// <summary>Adds a value of a fixed size.</summary>
    /// <returns>Whether it was there before.</returns>
    public bool Add(ulong bits) => Add(bits, 0, SplitMix64.Mix(bits));

    /// <summary>Adds a text.</summary>
    /// <returns>Whether it was there before.</returns>
    public bool Add(ReadOnlySpan<byte> utf8)
    {
        var (first, second) = MurmurHash3.Hash(utf8);
        return Add(first, second, first);
    }

    private bool Add(ulong first, ulong second, ulong hash)
    {
        var mask = _times.Length - 1;
        for (var slot = (int)hash & mask; ; slot = (slot + 1) & mask)
        {
            if (_times[slot] == 0)
            {
                Put(slot, first, second, 1);
                DistinctCount++;
                OnceCount++;
                if (DistinctCount * 10 > _times.Length * 7L) Grow();
                return false;
            }

            if (_first[slot] != first || (_isText && _second[slot] != second)) continue;
            if (_times[slot] == 1) OnceCount--;
            _times[slot] = 2;
            return true;
        }
    }

    private void Put(int slot, ulong first, ulong second, byte times)
    {
        _first[slot] = first;
        if (_isText) _second[slot] = second;
        _times[slot] = times;
    }

    private void Grow()
    {
        if (_times.Length > Array.MaxLength / 2)
            throw new InvalidOperationException("There are more different values than can be told apart in memory, about 750 million. Check a sample, or leave the constraint out.");
        var (first, second, times) = (_first, _second, _times);
        var length = times.Length * 2;
        (_first, _second, _times) = (new ulong[length], new ulong[_isText ? length : 0], new byte[length]);
        for (var i = 0; i < times.Length; i++)
        {
            if (times[i] == 0) continue;
            var slot = (int)(_isText ? first[i] : SplitMix64.Mix(first[i])) & (length - 1);
            while (_times[slot] != 0) slot = (slot + 1) & (length - 1);
            Put(slot, first[i], _isText ? second[i] : 0, times[i]);
        }
    }
}
