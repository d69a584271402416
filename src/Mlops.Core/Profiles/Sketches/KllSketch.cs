using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mlops.Profiles;

/// <summary>Approximate quantiles and ranks of a stream of numbers in a few kilobytes.</summary>
/// <remarks>
/// <para>A value is kept at level h with weight 2^h; a full level is sorted and every other value, from a random first, moves up. With k = 200 the rank
/// of a single value is off by at most 1.33 % of the count, at 99 % confidence (<see cref="NormalizedRankError"/>).</para>
/// <para>NaN is ignored. Add costs amortised O(log k); memory O(k).</para>
/// <para>Source: Z. Karnin, K. Lang, E. Liberty, "Optimal quantile approximation in streams", FOCS 2016.</para>
/// </remarks>
public sealed class KllSketch : ISketch<KllSketch, double>
{
    /// <summary>The default of k.</summary>
    public const int DefaultK = 200;

    private const int MinimumLevelCapacity = 8;
    private const uint Magic = 0x314C4C4B; // "KLL1"

    private readonly List<List<double>> _levels = [[]];
    private ulong _random;
    private int _kept;
    private int _capacity;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="k">The accuracy, 8 to 65535: larger is more accurate and takes more memory.</param>
    /// <param name="seed">The seed of its random choices.</param>
    public KllSketch(int k = DefaultK, ulong seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 8);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, 65535);
        K = k;
        _random = seed ^ 0x9E3779B97F4A7C15;
        _capacity = TotalCapacity();
    }

    /// <summary>Gets the accuracy.</summary>
    public int K { get; }

    /// <summary>Gets the number of values.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the smallest value; NaN when there is none.</summary>
    public double Minimum { get; private set; } = double.NaN;

    /// <summary>Gets the largest value; NaN when there is none.</summary>
    public double Maximum { get; private set; } = double.NaN;

    /// <summary>Gets whether every value is still kept, so that ranks are exact.</summary>
    public bool IsExact => _levels.Count == 1;

    /// <summary>Gets the largest error of the rank of one value, as a share of the count, at 99 % confidence; 0 while every value is kept.</summary>
    public double NormalizedRankError => IsExact ? 0 : 2.296 / Math.Pow(K, 0.9723);

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value)) continue;
            if (!(value >= Minimum)) Minimum = value;
            if (!(value <= Maximum)) Maximum = value;
            Count++;
            _levels[0].Add(value);
            if (++_kept >= _capacity) Compress();
        }
    }

    /// <inheritdoc/>
    public void Merge(KllSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count == 0) return;
        while (_levels.Count < other._levels.Count) _levels.Add([]);
        for (var level = 0; level < other._levels.Count; level++) _levels[level].AddRange(CollectionsMarshal.AsSpan(other._levels[level]));
        Minimum = Count == 0 ? other.Minimum : Math.Min(Minimum, other.Minimum);
        Maximum = Count == 0 ? other.Maximum : Math.Max(Maximum, other.Maximum);
        Count += other.Count;
        _kept = _levels.Sum(level => level.Count);
        _capacity = TotalCapacity();
        while (_kept >= _capacity) Compress();
    }

    /// <summary>Estimates the share of values that are at most a value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The share, 0..1; NaN when the sketch is empty.</returns>
    public double GetRank(double value)
    {
        if (Count == 0) return double.NaN;
        long weight = 0;
        for (var level = 0; level < _levels.Count; level++)
        {
            foreach (var item in _levels[level])
            {
                if (item <= value) weight += 1L << level;
            }
        }

        return (double)weight / Count;
    }

    /// <summary>Estimates the value below which a share of the values lies.</summary>
    /// <param name="rank">The share, 0..1.</param>
    /// <returns>The smallest kept value whose rank is at least <paramref name="rank"/>; NaN when the sketch is empty.</returns>
    public double GetQuantile(double rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, 1);
        if (Count == 0) return double.NaN;
        if (rank <= 0) return Minimum;
        if (rank >= 1) return Maximum;
        var target = rank * Count;
        double weight = 0;
        foreach (var (value, itemWeight) in GetSortedItems())
        {
            weight += itemWeight;
            if (weight >= target) return value;
        }

        return Maximum;
    }

    /// <summary>Gets the kept values in ascending order, each with the number of values it stands for.</summary>
    /// <returns>The values and weights; the weights add up to <see cref="Count"/>.</returns>
    public (double Value, long Weight)[] GetSortedItems()
    {
        var items = new (double Value, long Weight)[_kept];
        var next = 0;
        for (var level = 0; level < _levels.Count; level++)
        {
            foreach (var value in _levels[level]) items[next++] = (value, 1L << level);
        }

        Array.Sort(items, static (a, b) => a.Value.CompareTo(b.Value) is not 0 and var order ? order : a.Weight.CompareTo(b.Weight));
        return items;
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var length = 48 + _levels.Sum(level => 4 + (8 * level.Count));
        var span = writer.GetSpan(length)[..length];
        BinaryPrimitives.WriteUInt32LittleEndian(span, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(span[4..], K);
        BinaryPrimitives.WriteInt64LittleEndian(span[8..], Count);
        BinaryPrimitives.WriteDoubleLittleEndian(span[16..], Minimum);
        BinaryPrimitives.WriteDoubleLittleEndian(span[24..], Maximum);
        BinaryPrimitives.WriteUInt64LittleEndian(span[32..], _random);
        BinaryPrimitives.WriteInt64LittleEndian(span[40..], _levels.Count);
        var rest = span[48..];
        foreach (var level in _levels)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, level.Count);
            rest = rest[4..];
            foreach (var value in level)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(rest, value);
                rest = rest[8..];
            }
        }

        writer.Advance(length);
    }

    /// <inheritdoc/>
    public static KllSketch ReadFrom(ReadOnlySpan<byte> source)
    {
        if (source.Length < 48 || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic) throw Malformed();
        var k = BinaryPrimitives.ReadInt32LittleEndian(source[4..]);
        var levelCount = BinaryPrimitives.ReadInt64LittleEndian(source[40..]);
        if (k is < 8 or > 65535 || levelCount is < 1 or > 62) throw Malformed();
        var sketch = new KllSketch(k)
        {
            Count = BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            Minimum = BinaryPrimitives.ReadDoubleLittleEndian(source[16..]),
            Maximum = BinaryPrimitives.ReadDoubleLittleEndian(source[24..]),
            _random = BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
        };
        sketch._levels.Clear();
        var rest = source[48..];
        long weight = 0;
        for (var level = 0; level < levelCount; level++)
        {
            if (rest.Length < 4) throw Malformed();
            var count = BinaryPrimitives.ReadInt32LittleEndian(rest);
            rest = rest[4..];
            if (count < 0 || rest.Length / 8 < count) throw Malformed();
            var values = new List<double>(count);
            for (var i = 0; i < count; i++) values.Add(BinaryPrimitives.ReadDoubleLittleEndian(rest[(8 * i)..]));
            rest = rest[(8 * count)..];
            sketch._levels.Add(values);
            sketch._kept += count;
            weight += (long)count << level;
        }

        if (!rest.IsEmpty || weight != sketch.Count) throw Malformed();
        sketch._capacity = sketch.TotalCapacity();
        return sketch;
    }

    private void Compress()
    {
        // The lowest full level gives way; one always exists, because all levels together are full.
        var level = 0;
        while (level < _levels.Count - 1 && _levels[level].Count < LevelCapacity(level)) level++;
        if (level == _levels.Count - 1)
        {
            _levels.Add([]);
            _capacity = TotalCapacity();
            level = 0;
            while (_levels[level].Count < LevelCapacity(level) && level < _levels.Count - 2) level++;
        }

        var full = _levels[level];
        var above = _levels[level + 1];
        full.Sort();
        // An odd one stays, so that the weights keep adding up to the count.
        var leftOver = (full.Count & 1) == 1 ? full[^1] : double.NaN;
        var pairs = full.Count / 2;
        var offset = NextBit();
        for (var i = 0; i < pairs; i++) above.Add(full[(2 * i) + offset]);
        full.Clear();
        if (!double.IsNaN(leftOver)) full.Add(leftOver);
        _kept -= pairs;
    }

    private int LevelCapacity(int level)
    {
        var depth = _levels.Count - level - 1;
        return Math.Max(MinimumLevelCapacity, (int)Math.Ceiling(K * Math.Pow(2.0 / 3.0, depth)));
    }

    private int TotalCapacity()
    {
        var total = 0;
        for (var level = 0; level < _levels.Count; level++) total += LevelCapacity(level);
        return total;
    }

    private int NextBit()
    {
        // SplitMix64: G. Steele, D. Lea, C. Flood, OOPSLA 2014.
        var z = _random += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)((z ^ (z >> 31)) >> 63);
    }

    private static FormatException Malformed() => new("The bytes are not a KLL sketch.");
}
