using System.Buffers;

namespace Mlops.Evaluation;

/// <summary>Orders rows by their scores, in linear time.</summary>
/// <remarks>
/// <para>
/// A score becomes a 64-bit key of the same order. The 32 highest bits in which keys differ are sorted together with the number of the row, packed into one
/// 64-bit word, by a radix sort of up to three passes; rows that these bits do not tell apart are ordered by what is left. Time O(n), memory 24 bytes for each row.
/// </para>
/// <para>Source: H. H. Seward (1954), least significant digit first.</para>
/// </remarks>
internal static class ScoreOrder
{
    private const int DigitBits = 11;
    private const int Digits = 1 << DigitBits;
    private const int FewRows = 24;
    private const int ManyRows = 2 * Digits;

    /// <summary>Orders rows by descending score; rows of the same score keep their order.</summary>
    /// <param name="scores">The scores, shape (n), no NaN.</param>
    /// <param name="weights">The weights, shape (n); rows without a weight above 0 are left out. Empty where every row counts.</param>
    /// <returns>The rows.</returns>
    public static int[] Descending(ReadOnlySpan<double> scores, ReadOnlySpan<double> weights = default)
    {
        var keys = ArrayPool<ulong>.Shared.Rent(scores.Length);
        try
        {
            ulong all = ulong.MaxValue, any = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                var key = ~AscendingKey(scores[i]);
                keys[i] = key;
                all &= key;
                any |= key;
            }

            return Sort(keys.AsSpan(0, scores.Length), weights, all ^ any);
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(keys);
        }
    }

    /// <summary>Makes a key whose unsigned order is that of the numbers; −0 is 0.</summary>
    public static ulong AscendingKey(double score)
    {
        var bits = BitConverter.DoubleToInt64Bits(score + 0.0);
        return (ulong)(bits ^ ((bits >> 63) | long.MinValue));
    }

    private static int[] Sort(ReadOnlySpan<ulong> keys, ReadOnlySpan<double> weights, ulong differing)
    {
        var packed = new ulong[keys.Length];
        var (lowest, width) = differing == 0 ? (0, 0) : (System.Numerics.BitOperations.TrailingZeroCount(differing), 64 - System.Numerics.BitOperations.LeadingZeroCount(differing));
        var shift = Math.Max(lowest, width - 32);
        var count = 0;
        for (var i = 0; i < keys.Length; i++)
        {
            packed[count] = ((keys[i] >> shift) << 32) | (uint)i;
            if (weights.IsEmpty || weights[i] > 0) count++;
        }

        var other = ArrayPool<ulong>.Shared.Rent(count);
        try
        {
            var sorted = packed.AsSpan(0, count);
            RadixSort(sorted, other.AsSpan(0, count), width - shift);
            if (shift > lowest) SortTies(sorted, other, keys, shift);
            var rows = new int[count];
            for (var i = 0; i < rows.Length; i++) rows[i] = (int)(uint)sorted[i];
            return rows;
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(other);
        }
    }

    /// <summary>Sorts words by some of their bits from the 32nd on; words that are alike there keep their order.</summary>
    private static void RadixSort(Span<ulong> words, Span<ulong> other, int bits)
    {
        if (IsSorted(words)) return;
        Span<int> starts = stackalloc int[Digits];
        var from = words;
        var to = other;
        for (var start = 0; start < bits; start += DigitBits)
        {
            var shift = 32 + start;
            starts.Clear();
            foreach (var word in from) starts[(int)(word >> shift) & (Digits - 1)]++;
            var sum = 0;
            foreach (ref var digit in starts) (digit, sum) = (sum, sum + digit);
            foreach (var word in from) to[starts[(int)(word >> shift) & (Digits - 1)]++] = word;
            var swap = from;
            from = to;
            to = swap;
        }

        if (from != words) from.CopyTo(words);
    }

    private static bool IsSorted(ReadOnlySpan<ulong> words)
    {
        for (var i = 1; i < words.Length; i++)
        {
            if (words[i - 1] > words[i]) return false;
        }

        return true;
    }

    /// <summary>Orders rows that the sorted bits do not tell apart by the bits below them.</summary>
    private static void SortTies(Span<ulong> sorted, ulong[] other, ReadOnlySpan<ulong> keys, int shift)
    {
        var low = (1UL << shift) - 1;
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && (sorted[end] >> 32) == (sorted[start] >> 32)) end++;
            if (end - start > 1)
            {
                var run = sorted[start..end];
                foreach (ref var word in run) word = ((keys[(int)(uint)word] & low) << 32) | (uint)word;
                if (run.Length <= FewRows) InsertionSort(run);
                else if (run.Length < ManyRows) run.Sort();
                else RadixSort(run, other.AsSpan(0, run.Length), shift);
            }

            start = end;
        }
    }

    private static void InsertionSort(Span<ulong> words)
    {
        for (var i = 1; i < words.Length; i++)
        {
            var word = words[i];
            var place = i;
            for (; place > 0 && words[place - 1] > word; place--) words[place] = words[place - 1];
            words[place] = word;
        }
    }
}
