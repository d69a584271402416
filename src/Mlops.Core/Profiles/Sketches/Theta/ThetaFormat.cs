using System.Buffers;
using System.Buffers.Binary;

namespace Mlops.Profiles;

/// <summary>The binary form of a theta sketch.</summary>
/// <remarks>
/// <para>Eight bytes of header: number of 8-byte words before the hashes, serial version, family 3, three bytes of which the last holds flags, and a
/// check of the hash's seed. Version 3, little-endian: the number of hashes in 4 bytes and 4 bytes of 0 unless there is one or none, the threshold
/// unless everything is kept, and the hashes. Version 4: the threshold unless everything is kept, the number of hashes in as few bytes as needed, and
/// the differences of the ascending hashes in as few bits as needed, high bit first.</para>
/// <para>Source: Apache DataSketches, theta sketch, serial versions 3 and 4.</para>
/// </remarks>
internal static class ThetaFormat
{
    private const int HeaderLength = 8;
    private const int HashLength = 8;
    private const byte Family = 3;
    private const byte PlainVersion = 3;
    private const byte CompressedVersion = 4;
    private const int ReadOnlyFlag = 2;
    private const int EmptyFlag = 4;
    private const int CompactFlag = 8;
    private const int OrderedFlag = 16;

    private static readonly ushort s_seedCheck = (ushort)MurmurHash3.Hash(MurmurHash3.DefaultSeed, 0).First;

    internal static void Write(ThetaSketch sketch, IBufferWriter<byte> writer)
    {
        var hashes = sketch.Hashes.GetSorted();
        var isSingle = hashes.Length == 1 && sketch.IsExact;
        var words = sketch.IsEmpty || isSingle ? 1 : sketch.IsExact ? 2 : 3;
        var length = HashLength * (words + hashes.Length);
        var bytes = writer.GetSpan(length)[..length];
        bytes.Clear();
        bytes[0] = (byte)words;
        bytes[1] = PlainVersion;
        bytes[2] = Family;
        bytes[3] = (byte)(sketch.LgK == ThetaSketch.DefaultLgK ? 0 : sketch.LgK);
        bytes[5] = (byte)(ReadOnlyFlag | CompactFlag | OrderedFlag | (sketch.IsEmpty ? EmptyFlag : 0));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], s_seedCheck);
        if (words > 1) BinaryPrimitives.WriteInt32LittleEndian(bytes[8..], hashes.Length);
        if (words > 2) BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], sketch.Threshold);
        for (var i = 0; i < hashes.Length; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes[(HashLength * (words + i))..], hashes[i]);
        writer.Advance(length);
    }

    internal static ThetaSketch Read(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeaderLength || source[2] != Family || (source[5] & CompactFlag) == 0) throw Malformed();
        if (source[1] is not (PlainVersion or CompressedVersion)) throw Malformed();
        var isPlain = source[1] == PlainVersion;
        int lgK = isPlain && source[3] != 0 ? source[3] : ThetaSketch.DefaultLgK;
        if (lgK is < ThetaSketch.SmallestLgK or > ThetaSketch.LargestLgK) throw Malformed();
        if ((source[5] & EmptyFlag) != 0) return new ThetaSketch(lgK);
        if (BinaryPrimitives.ReadUInt16LittleEndian(source[6..]) != s_seedCheck)
            throw new FormatException("The bytes are a theta sketch of another hash seed, or damaged; only seed 9001, the default of DataSketches, is read.");
        return isPlain ? ReadPlain(source, lgK) : ReadCompressed(source, lgK);
    }

    private static ThetaSketch ReadPlain(ReadOnlySpan<byte> source, int lgK)
    {
        int words = source[0];
        if (words is < 1 or > 3 || source.Length < HashLength * words) throw Malformed();
        var count = words == 1 ? 1 : BinaryPrimitives.ReadInt32LittleEndian(source[8..]);
        var threshold = words == 3 ? BinaryPrimitives.ReadUInt64LittleEndian(source[16..]) : ThetaSketch.MaximumThreshold;
        var rest = source[(HashLength * words)..];
        if (count < 0 || rest.Length != (long)HashLength * count) throw Malformed();
        var hashes = new ulong[count];
        for (var i = 0; i < count; i++) hashes[i] = BinaryPrimitives.ReadUInt64LittleEndian(rest[(HashLength * i)..]);
        return Create(lgK, threshold, hashes);
    }

    private static ThetaSketch ReadCompressed(ReadOnlySpan<byte> source, int lgK)
    {
        int words = source[0];
        int bits = source[3];
        int countLength = source[4];
        if (words is < 1 or > 2 || bits is < 1 or > 64 || countLength is < 1 or > 4 || source.Length < (HashLength * words) + countLength) throw Malformed();
        var threshold = words == 2 ? BinaryPrimitives.ReadUInt64LittleEndian(source[8..]) : ThetaSketch.MaximumThreshold;
        var rest = source[(HashLength * words)..];
        long count = 0;
        for (var i = 0; i < countLength; i++) count |= (long)rest[i] << (8 * i);
        rest = rest[countLength..];
        if (rest.Length != ((count * bits) + 7) / 8) throw Malformed();
        var hashes = new ulong[count];
        var hash = 0UL;
        long at = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            var difference = 0UL;
            for (var bit = 0; bit < bits; bit++, at++) difference = (difference << 1) | (uint)((rest[(int)(at >> 3)] >> (7 - (int)(at & 7))) & 1);
            hashes[i] = hash += difference;
        }

        return Create(lgK, threshold, hashes);
    }

    private static ThetaSketch Create(int lgK, ulong threshold, ReadOnlySpan<ulong> hashes)
    {
        if (threshold is 0 or > ThetaSketch.MaximumThreshold) throw Malformed();
        while (lgK < ThetaSketch.LargestLgK && hashes.Length > ThetaSketch.GetCapacity(lgK)) lgK++;
        if (hashes.Length > ThetaSketch.GetCapacity(lgK)) throw Malformed();
        var table = new ThetaTable(hashes.Length);
        foreach (var hash in hashes)
        {
            if (hash == 0 || hash >= threshold || !table.Add(hash)) throw Malformed();
        }

        return new ThetaSketch(lgK, threshold, isEmpty: false, table);
    }

    private static FormatException Malformed() => new("The bytes are not a compact theta sketch of Apache DataSketches' serial versions 3 or 4; they are damaged or of another kind.");
}
