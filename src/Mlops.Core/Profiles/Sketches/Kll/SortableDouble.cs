using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Profiles;

/// <summary>Doubles as integers that sort in the same order: −∞ first, −0 before 0, +∞ last. The mapping is its own inverse.</summary>
/// <remarks>Integers have one total order, so that equal numbers of different bits (0 and −0) always end up in the same places, and sort faster.</remarks>
internal static class SortableDouble
{
    /// <summary>The key of +∞; the keys of NaN of positive sign lie above it.</summary>
    public const long PositiveInfinity = 0x7FF0_0000_0000_0000;

    /// <summary>The key of −∞; the keys of NaN of negative sign lie below it.</summary>
    public const long NegativeInfinity = ~PositiveInfinity;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ToKey(double value) => Flip(BitConverter.DoubleToInt64Bits(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double FromKey(long key) => BitConverter.Int64BitsToDouble(Flip(key));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNumber(long key) => key is >= NegativeInfinity and <= PositiveInfinity;

    /// <summary>Writes the keys of the numbers among values, in their order.</summary>
    /// <param name="values">The values; NaN is left out.</param>
    /// <param name="keys">Where to write, at least as long.</param>
    /// <param name="minimum">The smallest key; <see cref="long.MaxValue"/> when there is none.</param>
    /// <param name="maximum">The largest key; <see cref="long.MinValue"/> when there is none.</param>
    /// <returns>How many keys were written.</returns>
    public static int ToKeys(ReadOnlySpan<double> values, Span<long> keys, out long minimum, out long maximum)
    {
        ref var source = ref Unsafe.As<double, long>(ref MemoryMarshal.GetReference(values));
        ref var target = ref MemoryMarshal.GetReference(keys[..values.Length]);
        (minimum, maximum) = (long.MaxValue, long.MinValue);
        var i = 0;
        if (values.Length >= Vector512<long>.Count)
        {
            var smallest = Vector512.Create(long.MaxValue);
            var largest = Vector512.Create(long.MinValue);
            for (; i <= values.Length - Vector512<long>.Count; i += Vector512<long>.Count)
            {
                var bits = Vector512.LoadUnsafe(ref source, (nuint)i);
                var key = bits ^ Vector512.ShiftRightLogical(Vector512.ShiftRightArithmetic(bits, 63), 1);
                key.StoreUnsafe(ref target, (nuint)i);
                smallest = Vector512.Min(smallest, key);
                largest = Vector512.Max(largest, key);
            }

            for (var lane = 0; lane < Vector512<long>.Count; lane++)
            {
                minimum = Math.Min(minimum, smallest[lane]);
                maximum = Math.Max(maximum, largest[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            var key = Flip(Unsafe.Add(ref source, i));
            Unsafe.Add(ref target, i) = key;
            minimum = Math.Min(minimum, key);
            maximum = Math.Max(maximum, key);
        }

        return (minimum >= NegativeInfinity && maximum <= PositiveInfinity) || values.IsEmpty
            ? values.Length
            : RemoveNaN(keys[..values.Length], out minimum, out maximum);
    }

    private static int RemoveNaN(Span<long> keys, out long minimum, out long maximum)
    {
        (minimum, maximum) = (long.MaxValue, long.MinValue);
        var count = 0;
        foreach (var key in keys)
        {
            keys[count] = key;
            if (!IsNumber(key)) continue;
            count++;
            minimum = Math.Min(minimum, key);
            maximum = Math.Max(maximum, key);
        }

        return count;
    }

    private static long Flip(long bits) => bits ^ (long)((ulong)(bits >> 63) >> 1);
}
