using System.Buffers.Binary;

namespace Mlops.Profiles;

/// <summary>The hash of texts by which Apache DataSketches' C++ library orders its frequent items.</summary>
/// <remarks>Source: A. Appleby, MurmurHash64A, public domain, with the seed of the GNU C++ library's <c>std::hash</c>, and the last step of MurmurHash3.</remarks>
internal static class ItemHash
{
    private const ulong Multiplier = 0xC6A4A7935BD1E995;
    private const ulong Seed = 0xC70F6907;

    internal static ulong Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = Seed ^ ((ulong)utf8.Length * Multiplier);
        for (; utf8.Length >= 8; utf8 = utf8[8..])
            hash = (hash ^ (Shift(BinaryPrimitives.ReadUInt64LittleEndian(utf8) * Multiplier) * Multiplier)) * Multiplier;
        if (!utf8.IsEmpty)
        {
            var rest = 0UL;
            for (var i = utf8.Length - 1; i >= 0; i--) rest = (rest << 8) | utf8[i];
            hash = (hash ^ rest) * Multiplier;
        }

        return MurmurHash3.Avalanche(Shift(Shift(hash) * Multiplier));
    }

    private static ulong Shift(ulong value) => value ^ (value >> 47);
}
