using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Profiles;

/// <summary>How often each value of a stream of texts occurs, exactly, as long as there are not too many different ones.</summary>
/// <remarks>Beyond <see cref="Capacity"/> different values, values not seen before are counted together in <see cref="OtherCount"/>. After a merge of sketches that were not exact, some counts are lower bounds:
/// the other one may have counted the value among its others; <see cref="GetUpperBound"/> tells which.</remarks>
public sealed class ValueCounts : ISketch<ValueCounts, string>
{
    /// <summary>The default of the capacity.</summary>
    public const int DefaultCapacity = 1000;

    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly HashSet<string> _bounds = new(StringComparer.Ordinal);

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="capacity">The largest number of different values that are counted one by one, ≥ 1.</param>
    public ValueCounts(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
        _lookup = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Gets the largest number of different values that are counted one by one.</summary>
    public int Capacity { get; }

    /// <summary>Gets the number of values.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the number of values that are not counted one by one.</summary>
    public long OtherCount { get; private set; }

    /// <summary>Gets whether every value is counted one by one.</summary>
    public bool IsExact => OtherCount == 0;

    /// <summary>Gets how many of the sketches that were merged into this one, itself included, had run full; 0 when every value is counted one by one.</summary>
    public int FullPartCount { get; private set; }

    /// <summary>Gets the number of different values that are counted one by one.</summary>
    public int DistinctCount => _counts.Count;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<string> values)
    {
        foreach (var value in values) Add(value, 1);
    }

    /// <summary>Adds a value several times.</summary>
    /// <param name="value">The value.</param>
    /// <param name="times">How often.</param>
    public void Add(string value, long times)
    {
        ArgumentNullException.ThrowIfNull(value);
        Add(value.AsSpan(), times);
    }

    /// <summary>Adds a value several times; a string is made of it only when it is new.</summary>
    /// <param name="value">The value.</param>
    /// <param name="times">How often.</param>
    public void Add(ReadOnlySpan<char> value, long times)
    {
        Count += times;
        ref var count = ref CollectionsMarshal.GetValueRefOrNullRef(_lookup, value);
        if (!Unsafe.IsNullRef(ref count)) count += times;
        else if (_counts.Count < Capacity && OtherCount == 0) _lookup[value] = times; // Earlier ones may be among the others.
        else AddOthers(times);
    }

    /// <summary>Gets how often a value occurs.</summary>
    /// <param name="value">The value.</param>
    /// <returns>How often; 0 for a value that is not counted by itself.</returns>
    public long GetCount(string value) => _counts.GetValueOrDefault(value);

    /// <summary>Gets how often a value can have occurred at most.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Its count where that is exact; the others added to it where some of them may be this value.</returns>
    public long GetUpperBound(string value) => !_counts.TryGetValue(value, out var count) ? OtherCount : _bounds.Contains(value) ? count + OtherCount : count;

    /// <summary>Gets the values, the most frequent first.</summary>
    /// <returns>The values and how often each occurs; equally frequent ones in ordinal order.</returns>
    public IReadOnlyList<KeyValuePair<string, long>> GetOrdered()
        => [.. _counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Merge(ValueCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!other.IsExact) _bounds.UnionWith(_counts.Keys.Where(value => !other._counts.ContainsKey(value)));
        foreach (var (value, count) in other.GetOrdered()) Add(value, count);
        _bounds.UnionWith(other._bounds.Where(_counts.ContainsKey));
        if (other.IsExact) return;
        Count += other.OtherCount;
        OtherCount += other.OtherCount;
        FullPartCount = (int)Math.Min(int.MaxValue, (long)FullPartCount + other.FullPartCount);
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        // The upper half is what earlier versions left zero, and counts that are bounds are negative, which they refuse.
        WriteInt64(writer, (uint)Capacity | ((long)Math.Max(0, FullPartCount - 1) << 32));
        WriteInt64(writer, OtherCount);
        WriteInt64(writer, _counts.Count);
        foreach (var (value, count) in GetOrdered())
        {
            WriteInt64(writer, _bounds.Contains(value) ? -count : count);
            WriteInt64(writer, Encoding.UTF8.GetByteCount(value));
            Encoding.UTF8.GetBytes(value, writer);
        }
    }

    /// <inheritdoc/>
    public static ValueCounts ReadFrom(ReadOnlySpan<byte> source)
    {
        var first = ReadInt64(ref source);
        var (capacity, parts) = (first & uint.MaxValue, first >> 32);
        var other = ReadInt64(ref source);
        var distinct = ReadInt64(ref source);
        if (capacity is < 1 or > int.MaxValue || parts is < 0 or int.MaxValue || (parts > 0 && other == 0) || other < 0 || distinct < 0 || distinct > capacity) throw Malformed();
        var counts = new ValueCounts((int)capacity);
        for (var i = 0; i < distinct; i++)
        {
            var count = ReadInt64(ref source);
            var length = ReadInt64(ref source);
            if (count is 0 or long.MinValue || (count < 0 && other == 0) || length < 0 || length > source.Length) throw Malformed();
            var value = Encoding.UTF8.GetString(source[..(int)length]);
            counts.Add(value, Math.Abs(count));
            if (count < 0) counts._bounds.Add(value);
            source = source[(int)length..];
        }

        if (!source.IsEmpty) throw Malformed();
        if (other > 0)
        {
            counts.Count += other;
            counts.OtherCount = other;
            counts.FullPartCount = (int)parts + 1;
        }

        return counts;
    }

    private void AddOthers(long times)
    {
        OtherCount += times;
        if (FullPartCount == 0 && times > 0) FullPartCount = 1;
    }

    private static void WriteInt64(IBufferWriter<byte> writer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(8), value);
        writer.Advance(8);
    }

    private static long ReadInt64(ref ReadOnlySpan<byte> source)
    {
        if (source.Length < 8) throw Malformed();
        var value = BinaryPrimitives.ReadInt64LittleEndian(source);
        source = source[8..];
        return value;
    }

    private static FormatException Malformed() => new("The bytes are not value counts.");
}
