using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Profiles;

/// <summary>A sample of a set's members by their hashes, from which the sizes of unions, intersections and differences of sets are estimated.</summary>
/// <remarks>
/// <para>Keeps the hashes below a threshold theta, which falls so that 2^lgK to 15/8 · 2^lgK stay: every set keeps the same members, so that samples of
/// different sets can be compared. Up to that many values everything is exact; beyond, one standard deviation is 1/√(2^lgK − 1), 1.6 % for 2^12.</para>
/// <para>Numbers are hashed as 8 little-endian bytes with −0 taken for 0, texts as UTF-8. NaN, <see langword="null"/> and empty texts are left out.
/// An integer and the equal floating-point number are two members. Memory 8 bytes per kept hash and table room. Not safe for concurrent use.</para>
/// <para>Binary form, hash and estimates are those of Apache DataSketches' theta sketch. Sources: Z. Bar-Yossef et al., "Counting distinct elements in a
/// data stream", 2002; A. Dasgupta, K. Lang, L. Rhodes, J. Thaler, "A framework for estimating stream expression cardinalities", ICDT 2016.</para>
/// </remarks>
/// <example><code>
/// var train = new ThetaSketch(); train.Add(trainIds);
/// var test = new ThetaSketch(); test.Add(testIds);
/// var leaked = ThetaSketch.Intersect(train, test).Estimate; // ids in both
/// </code></example>
public sealed class ThetaSketch : ISketch<ThetaSketch, double>, ISketch<ThetaSketch, long>, ISketch<ThetaSketch, string>
{
    /// <summary>The default of <see cref="LgK"/>.</summary>
    public const int DefaultLgK = 12;

    internal const int SmallestLgK = 4;
    internal const int LargestLgK = 26;

    /// <summary>The threshold that keeps every hash: hashes have 63 bits.</summary>
    internal const ulong MaximumThreshold = long.MaxValue;

    private const int BlockLength = 512;
    private const int StackTextBytes = 256;

    private readonly ThetaTable _hashes;

    /// <summary>Creates the sketch of an empty set.</summary>
    /// <param name="lgK">The binary logarithm of the number of hashes to keep at least, 4 to 26.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lgK"/> is out of its range.</exception>
    public ThetaSketch(int lgK = DefaultLgK)
        : this(Validate(lgK), MaximumThreshold, isEmpty: true, new ThetaTable())
    {
    }

    internal ThetaSketch(int lgK, ulong threshold, bool isEmpty, ThetaTable hashes)
        => (LgK, Threshold, IsEmpty, _hashes) = (lgK, isEmpty ? MaximumThreshold : threshold, isEmpty, hashes);

    /// <summary>Gets the binary logarithm of the number of hashes to keep at least.</summary>
    public int LgK { get; }

    /// <summary>Gets whether the set is known to be empty.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Gets whether every member is kept, so that numbers are exact.</summary>
    public bool IsExact => Threshold == MaximumThreshold;

    /// <summary>Gets the share of members that are kept, 0..1.</summary>
    public double Theta => (double)Threshold / MaximumThreshold;

    /// <summary>Gets the number of members that are kept.</summary>
    public int RetainedCount => _hashes.Count;

    /// <summary>Gets the estimated number of members.</summary>
    public double Estimate => RetainedCount / Theta;

    internal ulong Threshold { get; private set; }

    internal ThetaTable Hashes => _hashes;

    /// <summary>Gets a number that the number of members is probably not below.</summary>
    /// <param name="standardDeviations">1, 2 or 3: wrong in 15.9 %, 2.3 % or 0.13 % of cases.</param>
    /// <returns>The bound.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="standardDeviations"/> is not 1, 2 or 3.</exception>
    public double GetLowerBound(int standardDeviations)
    {
        ThrowIfNotOneToThree(standardDeviations);
        return IsExact ? RetainedCount : BinomialBounds.GetLower(RetainedCount, Theta, standardDeviations);
    }

    /// <summary>Gets a number that the number of members is probably not above.</summary>
    /// <param name="standardDeviations">1, 2 or 3: wrong in 15.9 %, 2.3 % or 0.13 % of cases.</param>
    /// <returns>The bound.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="standardDeviations"/> is not 1, 2 or 3.</exception>
    public double GetUpperBound(int standardDeviations)
    {
        ThrowIfNotOneToThree(standardDeviations);
        return IsExact ? RetainedCount : BinomialBounds.GetUpper(RetainedCount, Theta, standardDeviations);
    }

    /// <summary>Adds numbers; NaN is left out.</summary>
    /// <param name="values">The numbers, shape (n).</param>
    [SkipLocalsInit]
    public void Add(ReadOnlySpan<double> values)
    {
        Span<ulong> bits = stackalloc ulong[BlockLength];
        while (!values.IsEmpty)
        {
            var block = values[..Math.Min(values.Length, BlockLength)];
            values = values[block.Length..];
            var count = 0;
            foreach (var value in block)
            {
                bits[count] = BitConverter.DoubleToUInt64Bits(value + 0.0);
                count += double.IsNaN(value) ? 0 : 1;
            }

            AddBlock(bits[..count]);
        }
    }

    /// <summary>Adds integers.</summary>
    /// <param name="values">The integers, shape (n).</param>
    public void Add(ReadOnlySpan<long> values)
    {
        var bits = MemoryMarshal.Cast<long, ulong>(values);
        for (; bits.Length > BlockLength; bits = bits[BlockLength..]) AddBlock(bits[..BlockLength]);
        AddBlock(bits);
    }

    /// <summary>Adds texts; <see langword="null"/> and empty ones are left out.</summary>
    /// <param name="values">The texts, shape (n).</param>
    public void Add(ReadOnlySpan<string> values)
    {
        foreach (var value in values) Add(value);
    }

    /// <summary>Adds one text.</summary>
    /// <param name="value">The text; <see langword="null"/> or an empty one is left out.</param>
    [SkipLocalsInit]
    public void Add(string? value)
    {
        if (string.IsNullOrEmpty(value)) return;
        if (Encoding.UTF8.GetMaxByteCount(value.Length) > StackTextBytes)
        {
            Add(Encoding.UTF8.GetBytes(value));
            return;
        }

        Span<byte> utf8 = stackalloc byte[StackTextBytes];
        Add((ReadOnlySpan<byte>)utf8[..Encoding.UTF8.GetBytes(value, utf8)]);
    }

    /// <summary>Adds one text of UTF-8, or one value of any bytes.</summary>
    /// <param name="value">The bytes of one value; an empty one is left out.</param>
    public void Add(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) return;
        IsEmpty = false;
        AddHash(MurmurHash3.Hash(value).First >> 1);
    }

    /// <inheritdoc/>
    /// <remarks>Makes this the sketch of the union; <see cref="LgK"/> stays. The result does not depend on the order of merges.</remarks>
    public void Merge(ThetaSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.IsEmpty || ReferenceEquals(this, other)) return;
        IsEmpty = false;
        Threshold = Math.Min(Threshold, other.Threshold);
        foreach (var hash in other._hashes.GetBelow(Threshold)) _hashes.Add(hash);
        _hashes.KeepBelow(Threshold);
        if (_hashes.Count > 1 << LgK) Threshold = _hashes.KeepSmallest(1 << LgK);
    }

    /// <summary>Makes the sketch of the members of either of two sets.</summary>
    /// <param name="first">The first set, which is left as it is.</param>
    /// <param name="second">The second set, which is left as it is.</param>
    /// <returns>The sketch, with the larger <see cref="LgK"/> of the two.</returns>
    public static ThetaSketch Union(ThetaSketch first, ThetaSketch second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        var union = new ThetaSketch(Math.Max(first.LgK, second.LgK));
        union.Merge(first);
        union.Merge(second);
        return union;
    }

    /// <summary>Makes the sketch of the members of both of two sets.</summary>
    /// <param name="first">The first set, which is left as it is.</param>
    /// <param name="second">The second set, which is left as it is.</param>
    /// <returns>The sketch, with the larger <see cref="LgK"/> of the two. Its relative error grows as the intersection's share of the union falls.</returns>
    public static ThetaSketch Intersect(ThetaSketch first, ThetaSketch second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Select(first, second, isEmpty: first.IsEmpty || second.IsEmpty, second._hashes.Contains);
    }

    /// <summary>Makes the sketch of the members of one set that another does not have.</summary>
    /// <param name="first">The set, which is left as it is.</param>
    /// <param name="second">The set whose members are left out, which is left as it is.</param>
    /// <returns>The sketch, with the larger <see cref="LgK"/> of the two.</returns>
    public static ThetaSketch Except(ThetaSketch first, ThetaSketch second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Select(first, second, first.IsEmpty, hash => !second._hashes.Contains(hash));
    }

    /// <summary>Estimates how much two sets overlap.</summary>
    /// <param name="first">The first set, which is left as it is.</param>
    /// <param name="second">The second set, which is left as it is.</param>
    /// <returns>The size of the intersection over the size of the union, with bounds of two standard deviations; 1 for two empty sets.</returns>
    public static JaccardSimilarity GetJaccardSimilarity(ThetaSketch first, ThetaSketch second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.IsEmpty || second.IsEmpty) return first.IsEmpty && second.IsEmpty ? new(1, 1, 1) : default;
        var threshold = Math.Min(first.Threshold, second.Threshold);
        var mine = first._hashes.GetBelow(threshold);
        var both = mine.Count(second._hashes.Contains);
        var either = mine.Length + second._hashes.GetBelow(threshold).Length - both;
        if (first.Threshold == second.Threshold && both == first.RetainedCount && both == second.RetainedCount) return new(1, 1, 1);
        if (either == 0) return new(0, 0.5, 1);
        var estimate = (double)both / either;
        if (threshold == MaximumThreshold) return new(estimate, estimate, estimate);
        // Sampling without replacement narrows the bounds; the correction for large samples is the source's.
        var theta = (double)threshold / MaximumThreshold;
        var deviations = 2 * (Math.Sqrt(1 - theta) + (theta <= 0.5 ? 0 : 0.01 * (theta - 0.5)));
        return new(BinomialBounds.GetLowerShare(either, both, deviations), estimate, BinomialBounds.GetUpperShare(either, both, deviations));
    }

    /// <inheritdoc/>
    /// <remarks>The compact ordered form of Apache DataSketches' theta sketch, serial version 3. A <see cref="LgK"/> other than 12 is noted in a byte that its libraries ignore.</remarks>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ThetaFormat.Write(this, writer);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Reads the compact form of Apache DataSketches' theta sketch, serial version 3 and the compressed version 4. Where it does not say its
    /// <see cref="LgK"/>, that is 12, or the smallest that keeps its hashes.
    /// </remarks>
    public static ThetaSketch ReadFrom(ReadOnlySpan<byte> source) => ThetaFormat.Read(source);

    /// <summary>Gets how many hashes may be kept before all but 2^lgK go.</summary>
    internal static int GetCapacity(int lgK) => (int)((2L << lgK) * 15 / 16);

    [SkipLocalsInit]
    private void AddBlock(ReadOnlySpan<ulong> bits)
    {
        if (bits.IsEmpty) return;
        IsEmpty = false;
        Span<ulong> hashes = stackalloc ulong[BlockLength];
        MurmurHash3.HashFirst(bits, hashes);
        foreach (var hash in hashes[..bits.Length])
        {
            if (hash >> 1 < Threshold) AddHash(hash >> 1);
        }
    }

    private void AddHash(ulong hash)
    {
        if (hash == 0 || hash >= Threshold || !_hashes.Add(hash) || _hashes.Count <= GetCapacity(LgK)) return;
        Threshold = _hashes.KeepSmallest(1 << LgK);
    }

    private static ThetaSketch Select(ThetaSketch first, ThetaSketch second, bool isEmpty, Func<ulong, bool> isWanted)
    {
        var lgK = Math.Max(first.LgK, second.LgK);
        var threshold = Math.Min(first.Threshold, second.Threshold);
        var hashes = new ThetaTable();
        if (!isEmpty)
        {
            foreach (var hash in first._hashes.GetBelow(threshold))
            {
                if (isWanted(hash)) hashes.Add(hash);
            }
        }

        // Nothing kept where everything would be: nothing is there.
        return new ThetaSketch(lgK, threshold, isEmpty || (hashes.Count == 0 && threshold == MaximumThreshold), hashes);
    }

    private static int Validate(int lgK)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lgK, SmallestLgK);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lgK, LargestLgK);
        return lgK;
    }

    private static void ThrowIfNotOneToThree(int standardDeviations)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(standardDeviations, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(standardDeviations, 3);
    }
}
