using System.Buffers;
using System.Buffers.Binary;

namespace Mlops.Profiles;

/// <summary>The binary form of a KLL sketch, as Apache DataSketches defines it: little-endian, compact.</summary>
/// <remarks>
/// <para>Byte 0: length of the preamble in 32-bit integers, 2 (no or one value) or 5. 1: serial version, 1, or 2 for one value. 2: family 15. 3: flags, 1 empty,
/// 2 level 0 sorted, 4 one value. 4: k, 16 bits. 6: m, 8. 7: unused. One value: the value follows. More values: 8: count, 64 bits. 16: smallest k, 16 bits.
/// 18: number of levels. 19: unused. 20: for each level, where it starts in an array of the sketch's whole capacity, 32 bits. Then minimum, maximum and the
/// kept values from level 0 up, level 0 latest first, the others ascending.</para>
/// <para>Whether values are doubles or floats is not said; it follows from the length.</para>
/// </remarks>
internal static class KllFormat
{
    private const byte Family = 15;
    private const int ShortPreamble = 8;
    private const int FullPreamble = 20;
    private const int MaximumLevels = KllLevels.MaximumCount;

    [Flags]
    private enum Marks : byte
    {
        None = 0,
        Empty = 1,
        LevelZeroSorted = 2,
        SingleValue = 4,
    }

    public static void Write(KllSketch sketch, IBufferWriter<byte> writer)
    {
        var levels = sketch.Levels;
        var marks = sketch.Count switch { 0 => Marks.Empty, 1 => Marks.SingleValue, _ => Marks.None };
        var length = sketch.Count switch { 0 => ShortPreamble, 1 => ShortPreamble + 8, _ => FullPreamble + (4 * levels.Count) + (8 * (2 + levels.Used)) };
        var span = writer.GetSpan(length)[..length];
        span.Clear();
        span[0] = (byte)((sketch.Count > 1 ? FullPreamble : ShortPreamble) / 4);
        span[1] = (byte)(sketch.Count == 1 ? 2 : 1);
        span[2] = Family;
        span[3] = (byte)(marks | (sketch.IsLevelZeroSorted ? Marks.LevelZeroSorted : Marks.None));
        BinaryPrimitives.WriteUInt16LittleEndian(span[4..], (ushort)sketch.K);
        span[6] = KllLevels.MinimumCapacity;
        if (sketch.Count == 1) BinaryPrimitives.WriteDoubleLittleEndian(span[ShortPreamble..], sketch.Minimum);
        else if (sketch.Count > 1) WriteLevels(sketch, span);
        writer.Advance(length);
    }

    public static KllSketch Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < ShortPreamble || source[2] != Family) throw Malformed("it does not begin as one");
        var marks = (Marks)source[3];
        int k = BinaryPrimitives.ReadUInt16LittleEndian(source[4..]);
        if (source[1] == 3) throw Malformed("it is in the updatable form; store it in the compact one");
        if (source[6] != KllLevels.MinimumCapacity || source[7] != 0 || k < KllSketch.MinimumK || (byte)marks > 7) throw Malformed("its preamble is damaged");
        var isSorted = marks.HasFlag(Marks.LevelZeroSorted);
        var (preamble, version) = (source[0], source[1]);
        return (marks & ~Marks.LevelZeroSorted) switch
        {
            Marks.Empty when preamble == 2 && version == 1 && source.Length == ShortPreamble => new KllSketch(k, k, new KllLevels(k), double.NaN, double.NaN, isSorted),
            Marks.SingleValue when preamble == 2 && version == 2 => ReadSingle(source, k, isSorted),
            Marks.None when preamble == 5 && version == 1 => ReadLevels(source, k, isSorted),
            _ => throw Malformed("its preamble is damaged"),
        };
    }

    public static KllSketch Copy(KllSketch sketch)
    {
        var writer = new ArrayBufferWriter<byte>();
        Write(sketch, writer);
        return Read(writer.WrittenSpan);
    }

    private static void WriteLevels(KllSketch sketch, Span<byte> span)
    {
        var levels = sketch.Levels;
        BinaryPrimitives.WriteInt64LittleEndian(span[8..], sketch.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(span[16..], (ushort)sketch.SmallestK);
        span[18] = (byte)levels.Count;
        var start = levels.Capacity - levels.Used;
        var next = FullPreamble;
        for (var level = 0; level < levels.Count; level++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(span[next..], start);
            start += levels[level].Length;
            next += 4;
        }

        BinaryPrimitives.WriteDoubleLittleEndian(span[next..], sketch.Minimum);
        BinaryPrimitives.WriteDoubleLittleEndian(span[(next + 8)..], sketch.Maximum);
        next += 16;
        for (var level = 0; level < levels.Count; level++)
        {
            var keys = levels[level].ToArray();
            if (level == 0) Array.Reverse(keys);
            else if (!levels.IsSorted(level)) Array.Sort(keys);
            foreach (var key in keys)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(span[next..], SortableDouble.FromKey(key));
                next += 8;
            }
        }
    }

    private static KllSketch ReadSingle(ReadOnlySpan<byte> source, int k, bool isSorted)
    {
        var isFloat = source.Length == ShortPreamble + 4;
        if (!isFloat && source.Length != ShortPreamble + 8) throw Malformed("its length is not that of one value");
        var value = isFloat ? BinaryPrimitives.ReadSingleLittleEndian(source[ShortPreamble..]) : BinaryPrimitives.ReadDoubleLittleEndian(source[ShortPreamble..]);
        if (double.IsNaN(value)) throw Malformed("a value is NaN");
        var levels = new KllLevels(k);
        levels.Load(0, [SortableDouble.ToKey(value)]);
        return new KllSketch(k, k, levels, value, value, isSorted);
    }

    private static KllSketch ReadLevels(ReadOnlySpan<byte> source, int k, bool isSorted)
    {
        if (source.Length < FullPreamble) throw Malformed("it is cut off");
        var count = BinaryPrimitives.ReadInt64LittleEndian(source[8..]);
        int smallestK = BinaryPrimitives.ReadUInt16LittleEndian(source[16..]), levelCount = source[18];
        if (count < 1 || smallestK < KllSketch.MinimumK || smallestK > k || levelCount is < 1 or > MaximumLevels || source[19] != 0) throw Malformed("its preamble is damaged");

        var levels = new KllLevels(k, levelCount);
        var rest = source[FullPreamble..];
        if (rest.Length < 4 * levelCount) throw Malformed("it is cut off");
        var starts = new int[levelCount + 1];
        starts[^1] = levels.Capacity;
        for (var level = 0; level < levelCount; level++) starts[level] = BinaryPrimitives.ReadInt32LittleEndian(rest[(4 * level)..]);
        CheckStarts(starts, count);
        rest = rest[(4 * levelCount)..];

        var retained = starts[^1] - starts[0];
        var isFloat = rest.Length == 4 * (2 + retained);
        if (!isFloat && rest.Length != 8 * (2 + retained)) throw Malformed("its length does not fit its levels");
        var values = new double[2 + retained];
        for (var i = 0; i < values.Length; i++)
            values[i] = isFloat ? BinaryPrimitives.ReadSingleLittleEndian(rest[(4 * i)..]) : BinaryPrimitives.ReadDoubleLittleEndian(rest[(8 * i)..]);
        for (var level = levelCount - 1; level >= 0; level--)
            LoadLevel(levels, level, values.AsSpan(2 + starts[level] - starts[0], starts[level + 1] - starts[level]), (values[0], values[1]), isSorted);
        if (levelCount == 1 && !(values.AsSpan(2).Contains(values[0]) && values.AsSpan(2).Contains(values[1]))) throw Malformed("it keeps every value, but not its extremes");
        return new KllSketch(k, smallestK, levels, values[0], values[1], isSorted);
    }

    /// <summary>Checks that levels follow one another within the capacity and stand for as many values as were counted.</summary>
    private static void CheckStarts(int[] starts, long count)
    {
        UInt128 weight = 0;
        if (starts[0] < 0) throw Malformed("its levels overlap");
        for (var level = 0; level + 1 < starts.Length; level++)
        {
            if (starts[level] > starts[level + 1]) throw Malformed("its levels overlap");
            weight += (UInt128)(starts[level + 1] - starts[level]) << level;
        }

        if (weight != (UInt128)count) throw Malformed("its levels do not stand for as many values as it counts");
    }

    private static void LoadLevel(KllLevels levels, int level, ReadOnlySpan<double> values, (double Minimum, double Maximum) extremes, bool isLevelZeroSorted)
    {
        var keys = new long[values.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            if (!(values[i] >= extremes.Minimum && values[i] <= extremes.Maximum)) throw Malformed("a value lies outside its extremes");
            if (i > 0 && (level > 0 || isLevelZeroSorted) && values[i] < values[i - 1]) throw Malformed("a level is not sorted");
            keys[i] = SortableDouble.ToKey(values[i]);
        }

        if (level == 0) Array.Reverse(keys);
        levels.Load(level, keys);
    }

    private static FormatException Malformed(string reason) => new($"The bytes are not a KLL sketch of doubles or floats: {reason}.");
}
