using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Profiles;

/// <summary>Sorts short runs of integers by a network of minima and maxima, which has no branch to mispredict.</summary>
/// <remarks>Source: K. E. Batcher, "Sorting networks and their applications", AFIPS 1968 (the bitonic network).</remarks>
internal static class KeySort
{
    /// <summary>The largest length that the network sorts; beyond it, comparing sorts are as fast.</summary>
    public const int NetworkLimit = 1024;

    private const int Lanes = 8;

    /// <summary>Gets the length, ≥ 16, up to which a run must be filled up for <see cref="SortPadded"/>.</summary>
    public static int PaddedLength(int length) => Math.Max(2 * Lanes, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));

    /// <summary>Sorts a run, ascending.</summary>
    /// <param name="keys">The run; its length is a power of two, 16 to <see cref="NetworkLimit"/>.</param>
    public static void SortPadded(Span<long> keys)
    {
        ref var start = ref MemoryMarshal.GetReference(keys);
        for (nuint i = 0; i < (nuint)keys.Length; i += 2 * Lanes)
        {
            var low = Vector512.LoadUnsafe(ref start, i);
            var high = Vector512.LoadUnsafe(ref start, i + Lanes);
            SortPair(ref low, ref high);
            low.StoreUnsafe(ref start, i);
            high.StoreUnsafe(ref start, i + Lanes);
        }

        for (nuint run = 2 * Lanes; run < (nuint)keys.Length; run *= 2)
        {
            for (nuint i = 0; i < (nuint)keys.Length; i += 2 * run) MergeRuns(ref Unsafe.Add(ref start, i), run);
        }
    }

    /// <summary>Sorts sixteen keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SortPair(ref Vector512<long> low, ref Vector512<long> high)
    {
        var a = SortLanes(low);
        var b = Reverse(SortLanes(high));
        low = SortBitonic(Vector512.Min(a, b));
        high = SortBitonic(Vector512.Max(a, b));
    }

    /// <summary>Merges two sorted runs that follow one another.</summary>
    private static void MergeRuns(ref long start, nuint run)
    {
        // The second run read backwards makes both one bitonic sequence: the minima and the maxima at distance `run` are bitonic again.
        for (nuint i = 0; i < run / 2; i += Lanes)
        {
            var j = run - Lanes - i;
            var a = Vector512.LoadUnsafe(ref start, i);
            var b = Vector512.LoadUnsafe(ref start, j);
            var c = Reverse(Vector512.LoadUnsafe(ref start, run + j));
            var d = Reverse(Vector512.LoadUnsafe(ref start, run + i));
            Vector512.Min(a, c).StoreUnsafe(ref start, i);
            Vector512.Min(b, d).StoreUnsafe(ref start, j);
            Vector512.Max(a, c).StoreUnsafe(ref start, run + i);
            Vector512.Max(b, d).StoreUnsafe(ref start, run + j);
        }

        for (var stride = run / 2; stride >= Lanes; stride /= 2)
        {
            for (nuint block = 0; block < 2 * run; block += 2 * stride)
            {
                for (var i = block; i < block + stride; i += Lanes)
                {
                    var a = Vector512.LoadUnsafe(ref start, i);
                    var b = Vector512.LoadUnsafe(ref start, i + stride);
                    Vector512.Min(a, b).StoreUnsafe(ref start, i);
                    Vector512.Max(a, b).StoreUnsafe(ref start, i + stride);
                }
            }
        }

        for (nuint i = 0; i < 2 * run; i += Lanes) SortBitonic(Vector512.LoadUnsafe(ref start, i)).StoreUnsafe(ref start, i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> SortLanes(Vector512<long> v)
    {
        v = Exchange(v, SwapNeighbours(v), Vector512.Create(0L, -1, 0, -1, 0, -1, 0, -1));
        v = Exchange(v, Vector512.Shuffle(v, Vector512.Create(3L, 2, 1, 0, 7, 6, 5, 4)), Vector512.Create(0L, 0, -1, -1, 0, 0, -1, -1));
        v = Exchange(v, SwapNeighbours(v), Vector512.Create(0L, -1, 0, -1, 0, -1, 0, -1));
        v = Exchange(v, Reverse(v), Vector512.Create(0L, 0, 0, 0, -1, -1, -1, -1));
        return SortQuarters(v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> SortBitonic(Vector512<long> v)
        => SortQuarters(Exchange(v, Vector512.Shuffle(v, Vector512.Create(4L, 5, 6, 7, 0, 1, 2, 3)), Vector512.Create(0L, 0, 0, 0, -1, -1, -1, -1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> SortQuarters(Vector512<long> v)
    {
        v = Exchange(v, Vector512.Shuffle(v, Vector512.Create(2L, 3, 0, 1, 6, 7, 4, 5)), Vector512.Create(0L, 0, -1, -1, 0, 0, -1, -1));
        return Exchange(v, SwapNeighbours(v), Vector512.Create(0L, -1, 0, -1, 0, -1, 0, -1));
    }

    /// <summary>Keeps the smaller of each lane and its partner, and the larger where the mask is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Exchange(Vector512<long> lanes, Vector512<long> partners, Vector512<long> isUpper)
        => Vector512.ConditionalSelect(isUpper, Vector512.Max(lanes, partners), Vector512.Min(lanes, partners));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> SwapNeighbours(Vector512<long> v) => Vector512.Shuffle(v, Vector512.Create(1L, 0, 3, 2, 5, 4, 7, 6));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Reverse(Vector512<long> v) => Vector512.Shuffle(v, Vector512.Create(7L, 6, 5, 4, 3, 2, 1, 0));
}
