using System.Buffers;
using System.Buffers.Binary;

namespace Mlops.Profiles;

/// <summary>The binary form of a frequent items sketch.</summary>
/// <remarks>
/// <para>Eight bytes of header: number of 8-byte words before the weights, serial version 1, family 10, binary logarithms of the largest and the present
/// size, flags, 2 bytes of 0. Unless nothing was added, little-endian: the number of values in 4 bytes and 4 bytes of 0, the total weight, the largest
/// error, the weights, and the values, each as its length in 4 bytes and its UTF-8 bytes.</para>
/// <para>Source: Apache DataSketches, frequent items sketch, serial version 1.</para>
/// </remarks>
internal static class FrequentItemsFormat
{
    private const int WordLength = 8;
    private const int EmptyWords = 1;
    private const int Words = 4;
    private const byte SerialVersion = 1;
    private const byte Family = 10;

    // Two libraries, two bits: both are set, either is read.
    private const int EmptyFlags = 1 | 4;

    internal static void Write(FrequentItemsSketch sketch, IBufferWriter<byte> writer)
    {
        var items = sketch.Map.GetItems();
        var words = sketch.IsEmpty ? EmptyWords : Words;
        var start = words * WordLength;
        var length = start + items.Sum(item => WordLength + sizeof(int) + item.Key.Length);
        var bytes = writer.GetSpan(length)[..length];
        bytes[..start].Clear();
        bytes[0] = (byte)words;
        bytes[1] = SerialVersion;
        bytes[2] = Family;
        bytes[3] = (byte)sketch.LgMaximumSize;
        bytes[4] = (byte)sketch.Map.LgSize;
        if (sketch.IsEmpty)
        {
            bytes[5] = EmptyFlags;
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], items.Count);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], sketch.TotalWeight);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[24..], sketch.MaximumError);
        }

        var weights = bytes[start..];
        var keys = weights[(WordLength * items.Count)..];
        foreach (var (key, weight) in items)
        {
            BinaryPrimitives.WriteInt64LittleEndian(weights, weight);
            weights = weights[WordLength..];
            BinaryPrimitives.WriteInt32LittleEndian(keys, key.Length);
            key.CopyTo(keys[sizeof(int)..]);
            keys = keys[(sizeof(int) + key.Length)..];
        }

        writer.Advance(length);
    }

    internal static FrequentItemsSketch Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < WordLength || source[1] != SerialVersion || source[2] != Family) throw Malformed();
        int lgMaximumSize = source[3];
        int lgSize = source[4];
        if (lgSize < ReversePurgeMap.LgSmallestSize || lgSize > lgMaximumSize || lgMaximumSize > FrequentItemsSketch.LargestLgSize) throw Malformed();
        if ((source[5] & EmptyFlags) != 0) return source[0] == EmptyWords && source.Length == WordLength ? new FrequentItemsSketch(lgMaximumSize) : throw Malformed();
        if (source[0] != Words || source.Length < Words * WordLength) throw Malformed();
        var count = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        var total = BinaryPrimitives.ReadInt64LittleEndian(source[16..]);
        var error = BinaryPrimitives.ReadInt64LittleEndian(source[24..]);
        var rest = source[(Words * WordLength)..];
        if (count < 0 || count > ReversePurgeMap.GetCapacity(lgSize) || count > rest.Length / (WordLength + sizeof(int))) throw Malformed();
        if (total is < 1 or > FrequentItemsSketch.LargestStoredWeight || error < 0 || error > total) throw Malformed();
        var items = ReadItems(rest, count, total);
        var map = ReversePurgeMap.FromStored(lgSize, lgMaximumSize, items) ?? throw Malformed();
        return new FrequentItemsSketch(map, total, error);
    }

    private static List<(byte[] Key, long Weight)> ReadItems(ReadOnlySpan<byte> weights, int count, long total)
    {
        var items = new List<(byte[] Key, long Weight)>(count);
        var keys = weights[(WordLength * count)..];
        for (var left = total; items.Count < count; weights = weights[WordLength..])
        {
            var weight = BinaryPrimitives.ReadInt64LittleEndian(weights);
            // Kept weights are part of the total.
            if (weight < 1 || weight > left) throw Malformed();
            left -= weight;
            if (keys.Length < sizeof(int)) throw Malformed();
            var length = BinaryPrimitives.ReadInt32LittleEndian(keys);
            keys = keys[sizeof(int)..];
            if (length < 0 || length > keys.Length) throw Malformed();
            items.Add((keys[..length].ToArray(), weight));
            keys = keys[length..];
        }

        return keys.IsEmpty ? items : throw Malformed();
    }

    private static FormatException Malformed() => new("The bytes are not a frequent items sketch of Apache DataSketches' serial version 1; they are damaged or of another kind.");
}
