using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mlops.Profiles;

/// <summary>The binary form of a HyperLogLog sketch.</summary>
/// <remarks>
/// <para>Eight bytes of header: number of 4-byte words before the data, serial version 1, family 7, lgK, binary logarithm of the table size, flags,
/// number of listed coupons or lowest register, mode (list, set, registers) and type. Then, little-endian: coupons; or the historic estimate, the two
/// sums, two counts, the packed registers and the exceptions of the four-bit type.</para>
/// <para>Source: Apache DataSketches, HLL sketch, serial version 1.</para>
/// </remarks>
internal static class HllFormat
{
    private const int ListWords = 2;
    private const int SetWords = 3;
    private const int RegisterWords = 10;
    private const byte SerialVersion = 1;
    private const byte Family = 7;
    private const int EmptyFlag = 4;
    private const int CompactFlag = 8;
    private const int MergedFlag = 16;
    private const int ListMode = 0;
    private const int SetMode = 1;
    private const int RegisterMode = 2;

    internal static void Write(HyperLogLogSketch sketch, IBufferWriter<byte> writer)
    {
        if (sketch.Registers is { } registers) WriteRegisters(sketch, registers, writer);
        else WriteCoupons(sketch, writer);
    }

    internal static HyperLogLogSketch Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < 4 * ListWords || source[1] != SerialVersion || source[2] != Family) throw Malformed();
        int lgK = source[3];
        var mode = source[7] & 3;
        var type = (HyperLogLogType)((source[7] >> 2) & 3);
        if (lgK is < HyperLogLogSketch.SmallestLgK or > HyperLogLogSketch.LargestLgK || type > HyperLogLogType.Hll8) throw Malformed();
        return (int)source[0] switch
        {
            ListWords when mode == ListMode => ReadList(source, lgK, type),
            SetWords when mode == SetMode => ReadSet(source, lgK, type),
            RegisterWords when mode == RegisterMode => ReadRegisters(source, lgK, type),
            _ => throw Malformed(),
        };
    }

    private static void WriteCoupons(HyperLogLogSketch sketch, IBufferWriter<byte> writer)
    {
        var coupons = sketch.Coupons.ToArray();
        var isSet = sketch.Coupons.IsSet;
        var start = 4 * (isSet ? SetWords : ListWords);
        var length = start + (4 * coupons.Length);
        var bytes = writer.GetSpan(length)[..length];
        WriteHeader(bytes, sketch, isSet ? SetWords : ListWords, sketch.Coupons.LgSize, coupons.Length == 0 ? EmptyFlag : 0, isSet ? 0 : coupons.Length, isSet ? SetMode : ListMode);
        if (isSet) BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], coupons.Length);
        WriteWords(bytes[start..], coupons);
        writer.Advance(length);
    }

    private static void WriteRegisters(HyperLogLogSketch sketch, HllRegisters registers, IBufferWriter<byte> writer)
    {
        var isFourBit = sketch.Type == HyperLogLogType.Hll4;
        var exceptions = registers.Exceptions?.ToArray() ?? [];
        var start = 4 * RegisterWords;
        var packed = HllPacking.GetLength(sketch.LgK, sketch.Type);
        var length = start + packed + (4 * exceptions.Length);
        var bytes = writer.GetSpan(length)[..length];
        var flags = (registers.IsMerged ? MergedFlag : 0) | (sketch.IsEmpty ? EmptyFlag : 0);
        WriteHeader(bytes, sketch, RegisterWords, registers.Exceptions?.LgSize ?? 0, flags, isFourBit ? registers.Minimum : 0, RegisterMode);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[8..], registers.Historic);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[16..], registers.LowSum);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes[24..], registers.HighSum);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[32..], isFourBit ? registers.CountAtMinimum : registers.Zeros);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[36..], exceptions.Length);
        HllPacking.Pack(registers.Values, sketch.Type, registers.Minimum, bytes.Slice(start, packed));
        WriteWords(bytes[(start + packed)..], exceptions);
        writer.Advance(length);
    }

    private static void WriteHeader(Span<byte> bytes, HyperLogLogSketch sketch, int words, int lgSize, int flags, int count, int mode)
    {
        bytes[0] = (byte)words;
        bytes[1] = SerialVersion;
        bytes[2] = Family;
        bytes[3] = (byte)sketch.LgK;
        bytes[4] = (byte)lgSize;
        bytes[5] = (byte)(flags | CompactFlag);
        bytes[6] = (byte)count;
        bytes[7] = (byte)(mode | ((int)sketch.Type << 2));
    }

    private static HyperLogLogSketch ReadList(ReadOnlySpan<byte> source, int lgK, HyperLogLogType type)
    {
        int count = source[6];
        var isCompact = (source[5] & CompactFlag) != 0;
        if (count >= 1 << HllCoupons.LgListSize) throw Malformed();
        // An empty updatable list may be written without its places.
        var places = isCompact || (count == 0 && source.Length == 8) ? count : 1 << HllCoupons.LgListSize;
        if (source.Length != 8 + (4 * places)) throw Malformed();
        var coupons = new HllCoupons(lgK);
        foreach (var coupon in ReadCoupons(source[8..], count)) coupons.Add(coupon);
        if (coupons.Count != count) throw Malformed();
        return new HyperLogLogSketch(lgK, type, coupons, null);
    }

    private static HyperLogLogSketch ReadSet(ReadOnlySpan<byte> source, int lgK, HyperLogLogType type)
    {
        if (source.Length < 4 * SetWords || lgK < HllCoupons.SmallestLgKOfSet) throw Malformed();
        var count = BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        var words = source[(4 * SetWords)..];
        var isCompact = (source[5] & CompactFlag) != 0;
        if (count < 0 || count > words.Length / 4) throw Malformed();
        // Early versions left the size out.
        var smallest = HllSlotTable.LgSizeFor(count, HllCoupons.LgSmallestSet);
        int lgSize = source[4] < HllCoupons.LgSmallestSet ? smallest : source[4];
        if (lgSize > lgK - 3 || lgSize < smallest || words.Length != 4L * (isCompact ? count : 1 << lgSize)) throw Malformed();
        var stored = isCompact ? ReadCoupons(words, count) : ReadTable(words, count);
        var coupons = HllCoupons.FromSet(lgK, lgSize, stored) ?? throw Malformed();
        return new HyperLogLogSketch(lgK, type, coupons, null);
    }

    private static HyperLogLogSketch ReadRegisters(ReadOnlySpan<byte> source, int lgK, HyperLogLogType type)
    {
        var start = 4 * RegisterWords;
        var packed = HllPacking.GetLength(lgK, type);
        if (source.Length < start + packed) throw Malformed();
        var isMerged = (source[5] & MergedFlag) != 0;
        var historic = BinaryPrimitives.ReadDoubleLittleEndian(source[8..]);
        if (!isMerged && !(historic >= 0 && double.IsFinite(historic))) throw Malformed();
        var minimum = type == HyperLogLogType.Hll4 ? source[6] : 0;
        var values = HllPacking.Unpack(source.Slice(start, packed), lgK, type, minimum) ?? throw Malformed();
        var exceptions = ReadExceptions(source, source[(start + packed)..], lgK, type, values, minimum);
        var registers = HllRegisters.FromStored(lgK, type, values, exceptions);
        if (type == HyperLogLogType.Hll4 && (registers.Minimum != minimum || registers.CountAtMinimum != BinaryPrimitives.ReadInt32LittleEndian(source[32..]))) throw Malformed();
        registers.IsMerged = isMerged;
        registers.Historic = isMerged ? 0 : historic;
        return new HyperLogLogSketch(lgK, type, new HllCoupons(lgK), registers);
    }

    /// <summary>Puts the exceptions into the registers.</summary>
    private static HllSlotTable? ReadExceptions(ReadOnlySpan<byte> source, ReadOnlySpan<byte> words, int lgK, HyperLogLogType type, byte[] values, int minimum)
    {
        var count = BinaryPrimitives.ReadInt32LittleEndian(source[36..]);
        if (type != HyperLogLogType.Hll4) return count == 0 && words.IsEmpty ? null : throw Malformed();
        var isCompact = (source[5] & CompactFlag) != 0;
        if (count < 0 || count > words.Length / 4) throw Malformed();
        var smallest = HllSlotTable.LgSizeFor(count, HllRegisters.LgSmallestExceptions(lgK));
        int lgSize = count == 0 || source[4] == 0 ? smallest : source[4];
        if (lgSize > lgK || lgSize < smallest || words.Length != 4L * (isCompact ? count : 1 << lgSize)) throw Malformed();
        var stored = isCompact ? ReadCoupons(words, count) : ReadTable(words, count);
        var marked = values.AsSpan().Count(HllPacking.ExceptionMark);
        if (marked != count) throw Malformed();
        if (count == 0) return null;
        var table = new HllSlotTable(lgSize, (1u << lgK) - 1);
        foreach (var coupon in stored)
        {
            var slot = coupon & HllSlotTable.AddressMask;
            var value = coupon >> HllSlotTable.AddressBits;
            if (slot >= values.Length || values[slot] != HllPacking.ExceptionMark || value < minimum + HllRegisters.ExceptionHeight) throw Malformed();
            values[slot] = (byte)value;
            table.TryAdd(coupon);
        }

        table.KeepOrder(stored);
        return table;
    }

    private static uint[] ReadCoupons(ReadOnlySpan<byte> words, int count)
    {
        var coupons = new uint[count];
        for (var i = 0; i < count; i++)
        {
            coupons[i] = BinaryPrimitives.ReadUInt32LittleEndian(words[(4 * i)..]);
            if (coupons[i] >> HllSlotTable.AddressBits == 0) throw Malformed();
        }

        return coupons;
    }

    private static uint[] ReadTable(ReadOnlySpan<byte> words, int count)
    {
        var coupons = new uint[count];
        var next = 0;
        for (; !words.IsEmpty; words = words[4..])
        {
            var coupon = BinaryPrimitives.ReadUInt32LittleEndian(words);
            if (coupon == 0) continue;
            if (coupon >> HllSlotTable.AddressBits == 0 || next == count) throw Malformed();
            coupons[next++] = coupon;
        }

        return next == count ? coupons : throw Malformed();
    }

    private static void WriteWords(Span<byte> bytes, ReadOnlySpan<uint> words)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes(words).CopyTo(bytes);
            return;
        }

        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * i)..], words[i]);
    }

    private static FormatException Malformed() => new("The bytes are not an HLL sketch of Apache DataSketches' serial version 1; they are damaged or of another kind.");
}
