using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlops.Profiles;

/// <summary>The kept values of a KLL sketch, level by level, in one array, and their compaction.</summary>
/// <remarks>
/// <para>A key at level h stands for 2^h values. The top level comes first and level 0 last, in order of arrival, with the free places behind it: the mirror
/// image of Apache DataSketches' array, so that values are added by appending. A level is sorted when it is compacted, not when keys arrive.</para>
/// <para>Which half of a compacted level survives is a hash of all that the sketch holds (<see cref="NextCoin"/>): the same values give the same sketch, also when it was
/// written and read in between, and sketches of different values, to be merged, err independently.</para>
/// <para>Source: Z. Karnin, K. Lang, E. Liberty, FOCS 2016; the lazy schedule (compact only what must be, when all levels together are full) is Apache DataSketches'.</para>
/// </remarks>
internal sealed class KllLevels
{
    /// <summary>The largest number of levels: 2^60 times the smallest capacity is more values than can be counted.</summary>
    public const int MaximumCount = 61;

    /// <summary>The capacity of the lowest levels, DataSketches' m.</summary>
    public const int MinimumCapacity = 8;

    // Vectors read and write up to so many places past the end of a level.
    private const int Slack = 16;
    private const int InitialLength = 48;

    // Level h lies in [_ends[h + 1], _ends[h]).
    private readonly int[] _ends = new int[MaximumCount + 2];
    private readonly int _k;
    private int[] _capacities = [];
    private long[] _keys = new long[InitialLength + Slack];
    private ulong _digest;
    private ulong _unsorted;

    public KllLevels(int k, int count = 1)
    {
        _k = k;
        Count = count;
        SetCapacities();
    }

    /// <summary>Gets the number of levels.</summary>
    public int Count { get; private set; }

    /// <summary>Gets how many keys all levels hold together.</summary>
    public int Used => _ends[0];

    /// <summary>Gets how many keys all levels may hold together.</summary>
    public int Capacity { get; private set; }

    private static bool UsesNetwork => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Gets the keys of a level: level 0 in order of arrival, others in any order.</summary>
    public ReadOnlySpan<long> this[int level] => _keys.AsSpan(_ends[level + 1], _ends[level] - _ends[level + 1]);

    /// <summary>Maps all keys by a function that keeps their order.</summary>
    public void Map(Func<long, long> function)
    {
        foreach (ref var key in _keys.AsSpan(0, Used)) key = function(key);
    }

    /// <summary>Gets whether a level above 0 is sorted as it stands.</summary>
    public bool IsSorted(int level) => (_unsorted >> level & 1) == 0;

    /// <summary>Gets the number of values that the keys stand for.</summary>
    public long GetWeight()
    {
        long weight = 0;
        for (var level = 0; level < Count; level++) weight += (long)this[level].Length << level;
        return weight;
    }

    /// <summary>Adds keys of weight 1.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="count">The number of values the sketch has taken before them.</param>
    public void Append(ReadOnlySpan<long> keys, long count)
    {
        while (!keys.IsEmpty)
        {
            if (Used == Capacity) MakeRoom(count);
            var taken = Math.Min(keys.Length, Capacity - Used);
            EnsureLength(Used + taken);
            keys[..taken].CopyTo(_keys.AsSpan(Used));
            _ends[0] += taken;
            count += taken;
            keys = keys[taken..];
        }
    }

    /// <summary>Sets the keys of the highest level that has none yet; to be called from the top level down.</summary>
    public void Load(int level, ReadOnlySpan<long> keys)
    {
        EnsureLength(Used + keys.Length);
        keys.CopyTo(_keys.AsSpan(Used));
        var end = Used + keys.Length;
        for (var lower = level; lower >= 0; lower--) _ends[lower] = end;
        if (level > 0) _digest += Weigh(Sum(keys), level);
    }

    /// <summary>Adds the levels of another sketch.</summary>
    /// <param name="other">The other levels, of any k.</param>
    /// <param name="count">The number of values of this sketch before.</param>
    /// <param name="total">The number of values of both.</param>
    public void Merge(KllLevels other, long count, long total)
    {
        Append(other[0], count);
        if (other.Count == 1) return;
        while (Count < other.Count) AddTopLevel();
        var merged = new long[Used + other.Used - other[0].Length + Slack];
        var next = 0;
        var oldEnds = _ends.ToArray();
        for (var level = Count - 1; level >= 0; level--)
        {
            _keys.AsSpan(oldEnds[level + 1], oldEnds[level] - oldEnds[level + 1]).CopyTo(merged.AsSpan(next));
            next += oldEnds[level] - oldEnds[level + 1];
            if (level > 0 && level < other.Count && !other[level].IsEmpty)
            {
                other[level].CopyTo(merged.AsSpan(next));
                next += other[level].Length;
                _unsorted |= 1UL << level;
            }

            _ends[level] = next;
        }

        _keys = merged;
        _digest += other._digest;
        for (var level = 0; level < Count && Used >= Capacity; level++)
        {
            if (this[level].Length >= _capacities[level]) Compact(level, total);
        }
    }

    /// <summary>Compacts the lowest level that is full; one always is, when all levels together are.</summary>
    private void MakeRoom(long count)
    {
        var level = 0;
        while (_ends[level] - _ends[level + 1] < _capacities[level]) level++;
        Compact(level, count);
    }

    /// <summary>Moves every other key of a level up; of an odd number, the smallest stays.</summary>
    private void Compact(int level, long count)
    {
        if (level == Count - 1) AddTopLevel();
        int start = _ends[level + 1], length = _ends[level] - start;
        int half = length / 2, odd = length & 1;
        if (start > _ends[level + 2]) _unsorted |= 1UL << (level + 1);
        if (length <= 16 && UsesNetwork) HalveSixteen(level, start, length, count);
        else if (length <= KeySort.NetworkLimit && UsesNetwork) HalveByNetwork(level, start, length, count);
        else HalveBySort(level, start, length, count);
        _unsorted &= ~(1UL << level);

        if (level > 0) Array.Copy(_keys, start + length, _keys, start + half + odd, _ends[0] - start - length);
        _ends[level + 1] = start + half;
        for (var lower = level; lower >= 0; lower--) _ends[lower] -= half;
    }

    /// <summary>Sorts up to sixteen keys in two registers and keeps every other one at the start.</summary>
    private void HalveSixteen(int level, int start, int length, long count)
    {
        ref var keys = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_keys), start);
        var lanes = Vector512.Create(0L, 1, 2, 3, 4, 5, 6, 7);
        var low = Vector512.LoadUnsafe(ref keys);
        var high = Vector512.LoadUnsafe(ref keys, 8);
        var isLow = Vector512.LessThan(lanes, Vector512.Create((long)length));
        var isHigh = Vector512.LessThan(lanes, Vector512.Create((long)length - 8));
        var sum = (ulong)Vector512.Sum((low & isLow) + (high & isHigh));
        low = Vector512.ConditionalSelect(isLow, low, Vector512.Create(long.MaxValue));
        high = Vector512.ConditionalSelect(isHigh, high, Vector512.Create(long.MaxValue));
        KeySort.SortPair(ref low, ref high);

        int half = length / 2, odd = length & 1;
        var first = odd + NextCoin(level, sum, count);
        var chosen = Avx512F.PermuteVar8x64x2(low, lanes + lanes + Vector512.Create((long)first), high);
        chosen.StoreUnsafe(ref keys);
        if (odd != 0) Unsafe.Add(ref keys, half) = low.ToScalar();
        var isChosen = Vector512.LessThan(lanes, Vector512.Create((long)half));
        Move(level, sum - (ulong)(odd * low.ToScalar()), (ulong)Vector512.Sum(chosen & isChosen));
    }

    [SkipLocalsInit]
    private void HalveByNetwork(int level, int start, int length, long count)
    {
        Span<long> sorted = stackalloc long[KeySort.NetworkLimit];
        sorted = sorted[..KeySort.PaddedLength(length)];
        _keys.AsSpan(start, length).CopyTo(sorted);
        sorted[length..].Fill(long.MaxValue);
        KeySort.SortPadded(sorted);
        Halve(sorted[..length], level, start, count);
    }

    private void HalveBySort(int level, int start, int length, long count)
    {
        var keys = _keys.AsSpan(start, length);
        keys.Sort();
        Halve(keys, level, start, count);
    }

    private void Halve(ReadOnlySpan<long> sorted, int level, int start, long count)
    {
        int half = sorted.Length / 2, odd = sorted.Length & 1;
        var smallest = sorted[0];
        var sum = Sum(sorted);
        var first = odd + NextCoin(level, sum, count);
        ulong kept = 0;
        var target = _keys.AsSpan(start, half);
        for (var i = 0; i < target.Length; i++)
        {
            target[i] = sorted[first + (2 * i)];
            kept += (ulong)target[i];
        }

        if (odd != 0) _keys[start + half] = smallest;
        Move(level, sum - (ulong)(odd * smallest), kept);
    }

    /// <summary>Draws 0 or 1, each half of the time, from the state before a compaction.</summary>
    /// <remarks>The hash is over sums, which do not depend on the order of keys within a level. Source: G. Steele, D. Lea, C. Flood, "SplitMix64", OOPSLA 2014.</remarks>
    private int NextCoin(int level, ulong sum, long count)
    {
        var z = _digest + ((ulong)count * 0x9E3779B97F4A7C15) + (level == 0 ? sum : (ulong)level);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) >> 63);
    }

    /// <summary>Brings the digest of the levels above 0 up to date.</summary>
    private void Move(int level, ulong compacted, ulong kept)
    {
        if (level > 0) _digest -= Weigh(compacted, level);
        _digest += Weigh(kept, level + 1);
    }

    private static ulong Weigh(ulong sum, int level) => sum * ((ulong)level * 0xD6E8FEB86659FD92 | 1);

    private static ulong Sum(ReadOnlySpan<long> keys)
    {
        ulong sum = 0;
        foreach (var key in keys) sum += (ulong)key;
        return sum;
    }

    private void AddTopLevel()
    {
        Count++;
        SetCapacities();
    }

    private void SetCapacities()
    {
        _capacities = KllCapacity.OfLevels(_k, Count);
        Capacity = 0;
        foreach (var capacity in _capacities) Capacity += capacity;
    }

    private void EnsureLength(int used)
    {
        if (used + Slack > _keys.Length) Array.Resize(ref _keys, used + (used / 2) + Slack);
    }
}
