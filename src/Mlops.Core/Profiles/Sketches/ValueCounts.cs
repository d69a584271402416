using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Profiles;

/// <summary>How often each value of a stream of texts occurs, exactly, as long as there are not too many different ones.</summary>
/// <remarks>After a merge of sketches that were not exact, counts are lower bounds: the other one may have counted a value among the others. Beyond <see cref="Capacity"/> different values, values not seen before are counted together in <see cref="OtherCount"/>.</remarks>
public sealed class ValueCounts : ISketch<ValueCounts, string>
{
    /// <summary>The default of the capacity.</summary>
    public const int DefaultCapacity = 1000;

    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> _lookup;

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
        else if (_counts.Count < Capacity) _lookup[value] = times;
        else OtherCount += times;
    }

    /// <summary>Gets how often a value occurs.</summary>
    /// <param name="value">The value.</param>
    /// <returns>How often; 0 for a value that is not counted by itself.</returns>
    public long GetCount(string value) => _counts.GetValueOrDefault(value);

    /// <summary>Gets the values, the most frequent first.</summary>
    /// <returns>The values and how often each occurs; equally frequent ones in ordinal order.</returns>
    public IReadOnlyList<KeyValuePair<string, long>> GetOrdered()
        => [.. _counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public void Merge(ValueCounts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var (value, count) in other.GetOrdered()) Add(value, count);
        Count += other.OtherCount;
        OtherCount += other.OtherCount;
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        WriteInt64(writer, Capacity);
        WriteInt64(writer, OtherCount);
        WriteInt64(writer, _counts.Count);
        foreach (var (value, count) in GetOrdered())
        {
            WriteInt64(writer, count);
            WriteInt64(writer, Encoding.UTF8.GetByteCount(value));
            Encoding.UTF8.GetBytes(value, writer);
        }
    }

    /// <inheritdoc/>
    public static ValueCounts ReadFrom(ReadOnlySpan<byte> source)
    {
        var capacity = ReadInt64(ref source);
        var other = ReadInt64(ref source);
        var distinct = ReadInt64(ref source);
        if (capacity is < 1 or > int.MaxValue || other < 0 || distinct < 0 || distinct > capacity) throw Malformed();
        var counts = new ValueCounts((int)capacity);
        for (var i = 0; i < distinct; i++)
        {
            var count = ReadInt64(ref source);
            var length = ReadInt64(ref source);
            if (count < 1 || length < 0 || length > source.Length) throw Malformed();
            counts.Add(Encoding.UTF8.GetString(source[..(int)length]), count);
            source = source[(int)length..];
        }

        if (!source.IsEmpty) throw Malformed();
        counts.OtherCount = other;
        counts.Count += other;
        return counts;
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
