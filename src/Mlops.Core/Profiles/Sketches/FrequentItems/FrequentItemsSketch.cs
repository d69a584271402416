using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Mlops.Profiles;

/// <summary>The most frequent values of a stream of texts, with bounds of how often each was seen.</summary>
/// <remarks>
/// <para>Keeps a weight for up to 3/4 · 2^<see cref="LgMaximumSize"/> values. When there are more, the median weight is subtracted from all and the light
/// half goes; what was subtracted in all is the <see cref="MaximumError"/>, at most <see cref="RelativeError"/> of the total. Until then counts are exact.</para>
/// <para>Texts are compared as UTF-8; <see langword="null"/> is left out, an empty text is a value. Adding costs O(1) amortised. Not safe for concurrent use.</para>
/// <para>Binary form, hash and purges are those of Apache DataSketches' frequent items sketch of strings (C++, GNU library). Sources: J. Misra, D. Gries, 1982;
/// D. Anderson, P. Bevan, K. Lang, E. Liberty, L. Rhodes, J. Thaler, "A high-performance algorithm for identifying frequent items in data streams", IMC 2017.</para>
/// </remarks>
/// <example><code>
/// var cities = new FrequentItemsSketch();
/// cities.Add(column);
/// foreach (var city in cities.GetFrequentItems(FrequentItemsGuarantee.NoFalsePositives)) … // city.Value, city.LowerBound, city.UpperBound
/// </code></example>
public sealed class FrequentItemsSketch : ISketch<FrequentItemsSketch, string>
{
    /// <summary>The default of <see cref="LgMaximumSize"/>.</summary>
    public const int DefaultLgMaximumSize = 10;

    internal const int LargestLgSize = 21;

    /// <summary>The largest total weight that is read: sums of some still fit.</summary>
    internal const long LargestStoredWeight = 1L << 61;

    private const double ErrorFactor = 3.5;
    private const int StackTextBytes = 256;

    private readonly ReversePurgeMap _map;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="lgMaximumSize">The binary logarithm of the number of slots for values, 3 to 21, of which three quarters are used.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="lgMaximumSize"/> is out of its range.</exception>
    public FrequentItemsSketch(int lgMaximumSize = DefaultLgMaximumSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lgMaximumSize, ReversePurgeMap.LgSmallestSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lgMaximumSize, LargestLgSize);
        _map = new ReversePurgeMap(ReversePurgeMap.LgSmallestSize, lgMaximumSize);
    }

    internal FrequentItemsSketch(ReversePurgeMap map, long totalWeight, long maximumError)
        => (_map, TotalWeight, MaximumError) = (map, totalWeight, maximumError);

    /// <summary>Gets the binary logarithm of the largest number of slots.</summary>
    public int LgMaximumSize => _map.LgMaximumSize;

    /// <summary>Gets the number of values that were added, each with its weight.</summary>
    public long TotalWeight { get; private set; }

    /// <summary>Gets the number of values that are kept.</summary>
    public int ActiveCount => _map.Count;

    /// <summary>Gets the largest difference between a value's bounds; 0 while counts are exact.</summary>
    public long MaximumError { get; private set; }

    /// <summary>Gets the share of <see cref="TotalWeight"/> that <see cref="MaximumError"/> does not exceed: 3.5 / 2^<see cref="LgMaximumSize"/>.</summary>
    public double RelativeError => ErrorFactor / (1 << LgMaximumSize);

    /// <summary>Gets whether nothing was added.</summary>
    public bool IsEmpty => TotalWeight == 0;

    internal ReversePurgeMap Map => _map;

    /// <inheritdoc/>
    /// <remarks><see langword="null"/> is left out.</remarks>
    public void Add(ReadOnlySpan<string> values)
    {
        foreach (var value in values) Add(value);
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value; <see langword="null"/> is left out.</param>
    /// <param name="weight">How many times, ≥ 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is negative.</exception>
    /// <exception cref="OverflowException">The total weight does not fit 63 bits.</exception>
    [SkipLocalsInit]
    public void Add(string? value, long weight = 1)
    {
        if (value is null) return;
        if (Encoding.UTF8.GetMaxByteCount(value.Length) > StackTextBytes)
        {
            Add(Encoding.UTF8.GetBytes(value), weight);
            return;
        }

        Span<byte> utf8 = stackalloc byte[StackTextBytes];
        Add((ReadOnlySpan<byte>)utf8[..Encoding.UTF8.GetBytes(value, utf8)], weight);
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value, UTF-8.</param>
    /// <param name="weight">How many times, ≥ 0.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="weight"/> is negative.</exception>
    /// <exception cref="OverflowException">The total weight does not fit 63 bits.</exception>
    public void Add(ReadOnlySpan<byte> value, long weight = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        if (weight == 0) return;
        TotalWeight = checked(TotalWeight + weight);
        MaximumError += _map.Add(value, weight);
    }

    /// <summary>Gets the estimated number of times a value was added: the upper bound when it is kept, 0 when not.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The number.</returns>
    public long GetEstimate(string value) => GetLowerBound(value) is > 0 and var weight ? weight + MaximumError : 0;

    /// <summary>Gets a number of times that a value was certainly added.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The number; 0 when the value is not kept.</returns>
    public long GetLowerBound(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _map.GetWeight(Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Gets a number of times that a value was certainly not added more often than.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The number; <see cref="MaximumError"/> when the value is not kept.</returns>
    public long GetUpperBound(string value) => GetLowerBound(value) + MaximumError;

    /// <summary>Gets the values that are more frequent than a threshold.</summary>
    /// <param name="guarantee">Which mistake the list must not contain.</param>
    /// <param name="threshold">The number of times; <see cref="MaximumError"/>, the smallest for which the guarantee holds, when not given.</param>
    /// <returns>The values, by falling estimate; equally frequent ones in ordinal order.</returns>
    public IReadOnlyList<FrequentItem> GetFrequentItems(FrequentItemsGuarantee guarantee, long? threshold = null)
    {
        var limit = threshold ?? MaximumError;
        var items = new List<FrequentItem>();
        foreach (var (key, weight) in _map.GetItems())
        {
            var upper = weight + MaximumError;
            if ((guarantee == FrequentItemsGuarantee.NoFalseNegatives ? upper : weight) > limit) items.Add(new(Encoding.UTF8.GetString(key), upper, weight, upper));
        }

        items.Sort(static (a, b) => b.Estimate.CompareTo(a.Estimate) is not 0 and var order ? order : string.CompareOrdinal(a.Value, b.Value));
        return items;
    }

    /// <inheritdoc/>
    /// <exception cref="OverflowException">The total weight does not fit 63 bits.</exception>
    public void Merge(FrequentItemsSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.IsEmpty) return;
        var total = checked(TotalWeight + other.TotalWeight);
        var error = other.MaximumError;
        foreach (var (key, weight) in other._map.GetItems()) MaximumError += _map.Add(key, weight);
        MaximumError += error;
        // What the other's purges subtracted is no longer in its weights.
        TotalWeight = total;
    }

    /// <inheritdoc/>
    /// <remarks>The form of Apache DataSketches' frequent items sketch of strings, serial version 1.</remarks>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        FrequentItemsFormat.Write(this, writer);
    }

    /// <inheritdoc/>
    public static FrequentItemsSketch ReadFrom(ReadOnlySpan<byte> source) => FrequentItemsFormat.Read(source);
}
