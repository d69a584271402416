using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Mlops.Profiles;

/// <summary>Turns numbers into the coupons of a HyperLogLog sketch, leaving out those that cannot raise a register.</summary>
/// <remarks>
/// A coupon holds 26 bits of the hash's first half and, above them, the number of leading zeros of its second half plus one, at most 63.
/// Its value exceeds m exactly when the second half is below 2^(64 − m), one comparison for eight numbers.
/// </remarks>
internal static class HllHasher
{
    /// <summary>How much longer than the numbers the place for the coupons must be: whole vectors are stored.</summary>
    internal const int Slack = 8;

    /// <summary>The largest value of a coupon.</summary>
    internal const int MaximumValue = 63;

    /// <summary>Makes a coupon of a hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint ToCoupon(ulong first, ulong second)
        => ((uint)first & HllSlotTable.AddressMask) | ((uint)(Math.Min(BitOperations.LeadingZeroCount(second), 62) + 1) << HllSlotTable.AddressBits);

    /// <summary>Makes the coupons whose value exceeds a minimum, in order; leaves out NaN, and takes −0 for 0.</summary>
    /// <typeparam name="T"><see cref="double"/> or an integer of 64 bits.</typeparam>
    /// <param name="values">The numbers.</param>
    /// <param name="minimum">The value that a coupon must exceed, 0 to 63.</param>
    /// <param name="coupons">The place for the coupons, longer than the numbers by <see cref="Slack"/>.</param>
    /// <returns>How many there are.</returns>
    internal static int Hash<T>(ReadOnlySpan<T> values, int minimum, Span<uint> coupons)
        where T : unmanaged
        => IsVectorized ? HashVectors(values, minimum, coupons) : HashScalar(values, minimum, coupons);

    internal static bool IsVectorized => Vector512.IsHardwareAccelerated && Avx512DQ.IsSupported && Avx512CD.IsSupported && Avx512F.VL.IsSupported;

    internal static int HashScalar<T>(ReadOnlySpan<T> values, int minimum, Span<uint> coupons)
        where T : unmanaged
    {
        if (minimum >= MaximumValue) return 0;
        coupons = coupons[..(values.Length + Slack)];
        var largest = ulong.MaxValue >> minimum;
        // A branch pays where few pass; else it is a coin toss that the processor cannot foretell.
        var isRare = minimum > 3;
        var count = 0;
        foreach (var value in values)
        {
            ulong bits;
            if (typeof(T) == typeof(double))
            {
                var number = Unsafe.BitCast<T, double>(value);
                if (double.IsNaN(number)) continue;
                bits = BitConverter.DoubleToUInt64Bits(number + 0.0);
            }
            else
            {
                bits = Unsafe.BitCast<T, ulong>(value);
            }

            var (first, second) = MurmurHash3.Hash(bits);
            if (isRare && second > largest) continue;
            coupons[count] = ToCoupon(first, second);
            count += second <= largest ? 1 : 0;
        }

        return count;
    }

    internal static int HashVectors<T>(ReadOnlySpan<T> values, int minimum, Span<uint> coupons)
        where T : unmanaged
    {
        if (minimum >= MaximumValue) return 0;
        ref var target = ref MemoryMarshal.GetReference(coupons[..(values.Length + Slack)]);
        ref var source = ref Unsafe.As<T, ulong>(ref MemoryMarshal.GetReference(values));
        var largest = Vector512.Create(ulong.MaxValue >> minimum);
        var whole = values.Length & -Vector512<ulong>.Count;
        nuint count = 0;
        for (var i = 0; i < whole; i += Vector512<ulong>.Count)
        {
            var bits = Vector512.LoadUnsafe(ref source, (nuint)i);
            var keep = Vector512<ulong>.AllBitsSet;
            if (typeof(T) == typeof(double))
            {
                var numbers = bits.AsDouble();
                keep = Vector512.Equals(numbers, numbers).AsUInt64();
                bits = (numbers + Vector512<double>.Zero).AsUInt64();
            }

            MurmurHash3.Hash(bits, out var first, out var second);
            keep &= Vector512.LessThanOrEqual(second, largest);
            var passed = keep.ExtractMostSignificantBits();
            if (passed == 0) continue;
            var height = Vector512.Min(Avx512CD.LeadingZeroCount(second), Vector512.Create(62UL)) + Vector512<ulong>.One;
            var coupon = (first & Vector512.Create((ulong)HllSlotTable.AddressMask)) | (height << HllSlotTable.AddressBits);
            var narrow = Avx512F.ConvertToVector256UInt32(coupon);
            Avx512F.VL.Compress(Vector256<uint>.Zero, Avx512F.ConvertToVector256UInt32(keep), narrow).StoreUnsafe(ref target, count);
            count += (uint)BitOperations.PopCount(passed);
        }

        return (int)count + HashScalar(values[whole..], minimum, coupons[(int)count..]);
    }
}
