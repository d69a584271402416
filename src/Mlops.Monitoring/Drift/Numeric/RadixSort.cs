using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Monitoring;

/// <summary>Sorts doubles without NaN by the digits of their bits.</summary>
/// <remarks>
/// Three passes sort by the 33 leading bits of the range that the values span; runs that still agree in those are sorted by themselves, again by the bits that tell them apart.
/// −0 comes before 0. Time O(n) passes whatever the distribution; memory O(n). Source: D. E. Knuth, "The Art of Computer Programming" 3 (1973), 5.2.5.
/// </remarks>
internal static class RadixSort
{
    private const int DigitBits = 11;
    private const int DigitCount = 1 << DigitBits;
    private const int LeadingBits = 3 * DigitBits;
    private const int InsertionLimit = 16;

    /// <summary>The length below which comparing is faster.</summary>
    private const int ShortLength = 2048;

    /// <summary>Sorts the values, ascending.</summary>
    public static void Sort(double[] values)
    {
        if (values.Length < ShortLength)
        {
            Array.Sort(values);
            return;
        }

        var keys = MemoryMarshal.Cast<double, long>(values.AsSpan());
        var buffer = GC.AllocateUninitializedArray<long>(values.Length);
        foreach (ref var key in keys) key = Flip(key);
        SortKeys(keys, buffer);
        foreach (ref var key in keys) key = Flip(key);
    }

    private static void SortKeys(Span<long> keys, Span<long> buffer)
    {
        if (keys.Length < ShortLength)
        {
            keys.Sort();
            return;
        }

        long minimum = long.MaxValue, maximum = long.MinValue;
        foreach (var key in keys)
        {
            minimum = Math.Min(minimum, key);
            maximum = Math.Max(maximum, key);
        }

        if (minimum == maximum) return;
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)maximum - (ulong)minimum);
        var shift = Math.Max(0, bits - LeadingBits);
        SortLeading(keys, buffer[..keys.Length], minimum, shift);
        if (shift > 0) SortRuns(keys, buffer, minimum, shift);
    }

    private static void SortLeading(Span<long> keys, Span<long> buffer, long minimum, int shift)
    {
        Span<int> counts = new int[3 * DigitCount];
        foreach (var key in keys)
        {
            var lead = ((ulong)key - (ulong)minimum) >> shift;
            counts[(int)(lead & (DigitCount - 1))]++;
            counts[DigitCount + (int)((lead >> DigitBits) & (DigitCount - 1))]++;
            counts[(2 * DigitCount) + (int)(lead >> (2 * DigitBits))]++;
        }

        Span<long> from = keys, to = buffer;
        for (var digit = 0; digit < 3; digit++)
        {
            var places = counts.Slice(digit * DigitCount, DigitCount);
            var digitShift = shift + (digit * DigitBits);
            if (places[(int)((((ulong)from[0] - (ulong)minimum) >> digitShift) & (DigitCount - 1))] == keys.Length) continue;
            var sum = 0;
            foreach (ref var place in places) (place, sum) = (sum, sum + place);
            Scatter(from, to, places, minimum, digitShift);
            var swapped = from;
            from = to;
            to = swapped;
        }

        if (from != keys) from.CopyTo(keys);
    }

    private static void Scatter(Span<long> from, Span<long> to, Span<int> places, long minimum, int shift)
    {
        ref var target = ref MemoryMarshal.GetReference(to);
        ref var place = ref MemoryMarshal.GetReference(places);
        foreach (var key in from)
        {
            ref var next = ref Unsafe.Add(ref place, (nint)((((ulong)key - (ulong)minimum) >> shift) & (DigitCount - 1)));
            // The counts sum to the length, so that every place lies within it.
            Unsafe.Add(ref target, next++) = key;
        }
    }

    private static void SortRuns(Span<long> keys, Span<long> buffer, long minimum, int shift)
    {
        var start = 0;
        var lead = ((ulong)keys[0] - (ulong)minimum) >> shift;
        for (var i = 1; i <= keys.Length; i++)
        {
            var next = i < keys.Length ? ((ulong)keys[i] - (ulong)minimum) >> shift : ulong.MaxValue;
            if (next == lead) continue;
            if (i - start > InsertionLimit) SortKeys(keys[start..i], buffer);
            else if (i - start > 1) Insert(keys[start..i]);
            (start, lead) = (i, next);
        }
    }

    private static void Insert(Span<long> keys)
    {
        for (var i = 1; i < keys.Length; i++)
        {
            var key = keys[i];
            var j = i;
            for (; j > 0 && keys[j - 1] > key; j--) keys[j] = keys[j - 1];
            keys[j] = key;
        }
    }

    /// <summary>Maps the bits of a double to an integer of the same order; its own inverse.</summary>
    private static long Flip(long bits) => bits ^ (long)((ulong)(bits >> 63) >> 1);
}
