using System.Buffers;
using System.Runtime.CompilerServices;

namespace Mlops.Profiles;

/// <summary>Approximate quantiles and ranks of a stream of numbers in a few kilobytes.</summary>
/// <remarks>
/// <para>A value kept at level h stands for 2^h values; when all levels together are full, the lowest full one is sorted and every other value moves up, the odd or the
/// even ones by a coin. While every value is kept, all answers are exact. After that, with k = 200, the rank of a single value is off by at most 1.33 % of the count
/// at 99 % confidence (<see cref="NormalizedRankError"/>), and the share of an interval by at most 1.65 % (<see cref="NormalizedIntervalError"/>).</para>
/// <para>NaN is ignored; infinities are ordered like other values; −0 equals 0. Adding costs amortised O(log k) a value, memory is O(k), 8 bytes a kept value.</para>
/// <para>The coin is a hash of all that the sketch holds, not a random number: the same values in the same order give the same bytes on every machine, however
/// they are cut into calls, and also when the sketch is stored in between. Choosing values with the hash in mind can defeat the bound.</para>
/// <para>The binary form is that of Apache DataSketches' KLL sketch of doubles, serial versions 1 and 2, which its C++, Java, Go and Python libraries read and write.</para>
/// <para>Source: Z. Karnin, K. Lang, E. Liberty, "Optimal quantile approximation in streams", FOCS 2016; capacities, schedule, error constants and binary form as in Apache DataSketches.</para>
/// </remarks>
/// <example><code>
/// var sketch = new KllSketch();
/// sketch.Add(latencies);                         // double[], seconds
/// var p99 = sketch.GetQuantile(0.99);
/// var share = sketch.GetRank(0.25);              // share of latencies of at most 0.25 s
/// </code></example>
public sealed class KllSketch : ISketch<KllSketch, double>
{
    /// <summary>The default of k.</summary>
    public const int DefaultK = 200;

    /// <summary>The smallest k.</summary>
    public const int MinimumK = 8;

    /// <summary>The largest k.</summary>
    public const int MaximumK = 65535;

    private const int BlockLength = 256;

    private readonly KllLevels _levels;
    private KllSortedView? _view;
    private long _minimum = long.MaxValue;
    private long _maximum = long.MinValue;

    /// <summary>Creates an empty sketch.</summary>
    /// <param name="k">The accuracy, 8 to 65535: larger is more accurate and takes more memory.</param>
    public KllSketch(int k = DefaultK)
    {
        ThrowIfNotK(k);
        K = SmallestK = k;
        _levels = new KllLevels(k);
    }

    internal KllSketch(int k, int smallestK, KllLevels levels, double minimum, double maximum, bool isLevelZeroSorted)
    {
        (K, SmallestK, _levels, IsLevelZeroSorted) = (k, smallestK, levels, isLevelZeroSorted);
        Count = levels.GetWeight();
        if (Count > 0) (_minimum, _maximum) = (SortableDouble.ToKey(minimum), SortableDouble.ToKey(maximum));
    }

    /// <summary>Gets the accuracy.</summary>
    public int K { get; }

    /// <summary>Gets the number of values.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the smallest value; NaN when there is none.</summary>
    public double Minimum => Count == 0 ? double.NaN : SortableDouble.FromKey(_minimum);

    /// <summary>Gets the largest value; NaN when there is none.</summary>
    public double Maximum => Count == 0 ? double.NaN : SortableDouble.FromKey(_maximum);

    /// <summary>Gets the number of values that are kept.</summary>
    public int RetainedCount => _levels.Used;

    /// <summary>Gets whether every value is still kept, so that ranks are exact.</summary>
    public bool IsExact => _levels.Count == 1;

    /// <summary>Gets the largest error of the rank of one value, as a share of the count, at 99 % confidence; 0 while every value is kept.</summary>
    public double NormalizedRankError => IsExact ? 0 : GetNormalizedRankError(SmallestK);

    /// <summary>Gets the largest error of the share of values in an interval, as a share of the count, at 99 % confidence; 0 while every value is kept.</summary>
    public double NormalizedIntervalError => IsExact ? 0 : GetNormalizedIntervalError(SmallestK);

    /// <summary>Gets the smallest k of this sketch and of those with compacted levels that were merged into it: the one that errors go by.</summary>
    internal int SmallestK { get; private set; }

    /// <summary>Gets whether a stored sketch said that its level 0 is sorted and nothing has been added since.</summary>
    internal bool IsLevelZeroSorted { get; private set; }

    internal KllLevels Levels => _levels;

    /// <summary>Gets the largest error of the rank of one value, as a share of the count, at 99 % confidence, once values are no longer all kept.</summary>
    /// <param name="k">The accuracy, 8 to 65535.</param>
    /// <returns>The error, 0..1; Apache DataSketches' fit to the 99th percentile of measured errors.</returns>
    public static double GetNormalizedRankError(int k)
    {
        ThrowIfNotK(k);
        return 2.296 / Math.Pow(k, 0.9723);
    }

    /// <summary>Gets the largest error of the share of values in an interval, as a share of the count, at 99 % confidence, once values are no longer all kept.</summary>
    /// <param name="k">The accuracy, 8 to 65535.</param>
    /// <returns>The error, 0..1; larger than that of one rank, because both ends err. Apache DataSketches' fit.</returns>
    public static double GetNormalizedIntervalError(int k)
    {
        ThrowIfNotK(k);
        return 2.446 / Math.Pow(k, 0.9433);
    }

    /// <inheritdoc/>
    /// <remarks>NaN is ignored. Long spans are several times faster than the same values one by one.</remarks>
    [SkipLocalsInit]
    public void Add(ReadOnlySpan<double> values)
    {
        Span<long> block = stackalloc long[BlockLength];
        while (!values.IsEmpty)
        {
            var part = values[..Math.Min(values.Length, BlockLength)];
            values = values[part.Length..];
            var keys = block[..SortableDouble.ToKeys(part, block, out var minimum, out var maximum)];
            if (keys.IsEmpty) continue;
            _minimum = Math.Min(_minimum, minimum);
            _maximum = Math.Max(_maximum, maximum);
            _levels.Append(keys, Count);
            Count += keys.Length;
            (_view, IsLevelZeroSorted) = (null, false);
        }
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value; NaN is ignored.</param>
    public void Add(double value) => Add(new ReadOnlySpan<double>(in value));

    /// <inheritdoc/>
    /// <remarks>The other sketch may have another k; if it no longer keeps every value, errors go by the smaller one.</remarks>
    public void Merge(KllSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count == 0) return;
        if (ReferenceEquals(other, this)) other = KllFormat.Copy(this);
        _levels.Merge(other._levels, Count, checked(Count + other.Count));
        Count += other.Count;
        _minimum = Math.Min(_minimum, other._minimum);
        _maximum = Math.Max(_maximum, other._maximum);
        if (!other.IsExact) SmallestK = Math.Min(SmallestK, other.SmallestK);
        _view = null;
        if (!other._levels[0].IsEmpty) IsLevelZeroSorted = false;
    }

    /// <summary>Estimates the share of values that are at most, or below, a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="inclusive">Whether values equal to it count.</param>
    /// <returns>The share, 0..1; NaN when the sketch is empty or the value is NaN.</returns>
    public double GetRank(double value, bool inclusive = true) => View.GetRank(value, inclusive);

    /// <summary>Estimates the shares of values that are at most, or below, each of some values.</summary>
    /// <param name="values">The values, shape (n), in any order.</param>
    /// <param name="inclusive">Whether values equal to one count for it.</param>
    /// <returns>The shares, shape (n), 0..1; NaN where the sketch is empty or the value is NaN.</returns>
    public double[] GetRanks(ReadOnlySpan<double> values, bool inclusive = true)
    {
        var ranks = new double[values.Length];
        for (var i = 0; i < ranks.Length; i++) ranks[i] = View.GetRank(values[i], inclusive);
        return ranks;
    }

    /// <summary>Estimates the value at a rank.</summary>
    /// <param name="rank">The rank: a share of the count, 0..1.</param>
    /// <param name="inclusive">Whether ranks count the value itself.</param>
    /// <returns>The smallest kept value whose rank is at least <paramref name="rank"/> (inclusive) or beyond which ranks exceed it (exclusive); NaN when the sketch is empty.</returns>
    /// <remarks>The answer is a kept value; the extremes of all values are <see cref="Minimum"/> and <see cref="Maximum"/>.</remarks>
    public double GetQuantile(double rank, bool inclusive = true)
    {
        ThrowIfNotRank(rank);
        return View.GetQuantile(rank, inclusive);
    }

    /// <summary>Estimates the values at some ranks.</summary>
    /// <param name="ranks">The ranks, shape (n): shares of the count, 0..1.</param>
    /// <param name="inclusive">Whether ranks count the value itself.</param>
    /// <returns>The values, shape (n), as of <see cref="GetQuantile"/>.</returns>
    public double[] GetQuantiles(ReadOnlySpan<double> ranks, bool inclusive = true)
    {
        var quantiles = new double[ranks.Length];
        for (var i = 0; i < quantiles.Length; i++) quantiles[i] = GetQuantile(ranks[i], inclusive);
        return quantiles;
    }

    /// <summary>Gets values between which the value at a rank lies, at 99 % confidence.</summary>
    /// <param name="rank">The rank: a share of the count, 0..1.</param>
    /// <returns>The values at <paramref name="rank"/> less and plus <see cref="NormalizedRankError"/>, the extremes beyond 0 and 1; both the same while every value is kept; NaN when the sketch is empty.</returns>
    public (double Lower, double Upper) GetQuantileBounds(double rank)
    {
        ThrowIfNotRank(rank);
        var error = NormalizedRankError;
        return (rank - error < 0 ? Minimum : View.GetQuantile(rank - error, inclusive: true), rank + error > 1 ? Maximum : View.GetQuantile(rank + error, inclusive: true));
    }

    /// <summary>Estimates the cumulative distribution at split points.</summary>
    /// <param name="splitPoints">The split points, shape (n), ascending, each once.</param>
    /// <param name="inclusive">Whether values equal to a split point lie below it.</param>
    /// <returns>The shares of values up to each split point and, last, 1; shape (n + 1); NaN when the sketch is empty.</returns>
    /// <exception cref="ArgumentException">A split point is NaN or not above the one before it.</exception>
    public double[] GetCdf(ReadOnlySpan<double> splitPoints, bool inclusive = true)
    {
        var shares = new double[splitPoints.Length + 1];
        for (var i = 0; i < splitPoints.Length; i++)
        {
            if (double.IsNaN(splitPoints[i]) || (i > 0 && !(splitPoints[i] > splitPoints[i - 1])))
                throw new ArgumentException($"Split point {i} is NaN or not above the one before it. Sort them and remove duplicates.", nameof(splitPoints));
            shares[i] = View.GetRank(splitPoints[i], inclusive);
        }

        shares[^1] = Count == 0 ? double.NaN : 1;
        return shares;
    }

    /// <summary>Estimates the shares of values between split points.</summary>
    /// <param name="splitPoints">The split points, shape (n), ascending, each once.</param>
    /// <param name="inclusive">Whether values equal to a split point lie below it.</param>
    /// <returns>The share below the first, between each two, and above the last split point; shape (n + 1); NaN when the sketch is empty. Each errs by at most <see cref="NormalizedIntervalError"/>.</returns>
    /// <exception cref="ArgumentException">A split point is NaN or not above the one before it.</exception>
    public double[] GetPmf(ReadOnlySpan<double> splitPoints, bool inclusive = true)
    {
        var shares = GetCdf(splitPoints, inclusive);
        for (var i = shares.Length - 1; i > 0; i--) shares[i] -= shares[i - 1];
        return shares;
    }

    /// <summary>Gets the kept values in ascending order, each with the number of values it stands for.</summary>
    /// <returns>The values and weights; the weights add up to <see cref="Count"/>.</returns>
    public (double Value, long Weight)[] GetSortedItems() => View.GetItems();

    /// <summary>Makes a sketch of the same values, each mapped by a function that keeps their order.</summary>
    internal KllSketch Map(Func<double, double> function)
    {
        var mapped = KllFormat.Copy(this);
        mapped._levels.Map(MapKey);
        if (Count > 0) (mapped._minimum, mapped._maximum) = (MapKey(_minimum), MapKey(_maximum));
        return mapped;

        long MapKey(long key) => SortableDouble.ToKey(function(SortableDouble.FromKey(key)));
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        KllFormat.Write(this, writer);
    }

    /// <summary>Reads a sketch from its binary form, or from that of a KLL sketch of Apache DataSketches.</summary>
    /// <param name="source">What <see cref="WriteTo"/> wrote, or the compact form of a KLL sketch of doubles or floats of DataSketches; floats are widened.</param>
    /// <returns>The sketch, which decides and merges as the one that was written would. A sketch of doubles is written again byte for byte.</returns>
    /// <exception cref="FormatException">The bytes are not such a sketch.</exception>
    public static KllSketch ReadFrom(ReadOnlySpan<byte> source) => KllFormat.Read(source);

    private KllSortedView View => _view ??= new KllSortedView(_levels, Count);

    private static void ThrowIfNotK(int k, [CallerArgumentExpression(nameof(k))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, MinimumK, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, MaximumK, name);
    }

    private static void ThrowIfNotRank(double rank, [CallerArgumentExpression(nameof(rank))] string? name = null)
    {
        if (!(rank is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(name, rank, "A rank is a share of the count, 0 to 1.");
    }
}
