using System.Buffers;

namespace Mlops.Profiles;

/// <summary>Count, sum, mean, variance, skewness, kurtosis and extremes of a stream of numbers, exactly up to rounding, and how many are zero, negative, infinite or NaN.</summary>
/// <remarks>
/// <para>Sum, mean, variance, skewness and kurtosis are those of the finite values: an infinity is counted and is an extreme, but leaves them as they are. NaN is only counted.</para>
/// <para>The same values in the same order give the same bytes on every machine, however they are cut into calls. Memory O(1). Values with a large offset (10⁹ and
/// noise of 1) keep their digits. Deviations beyond 10⁷⁷ overflow the kurtosis, those beyond 10¹⁵⁴ the variance, to infinity or NaN.</para>
/// <para>Source: T. F. Chan, G. H. Golub, R. J. LeVeque (1979) and P. Pébay (2008) for combining blocks; within a block, sums of powers of deviations from the mean so far.</para>
/// </remarks>
/// <example><code>
/// var moments = new MomentsSketch();
/// moments.Add(amounts);
/// // moments.Mean, moments.StandardDeviation, moments.Skewness, moments.NaNCount
/// </code></example>
public sealed class MomentsSketch : ISketch<MomentsSketch, double>
{
    private readonly MomentsBlock _block = new();
    private CentralMoments _closed;
    private (double High, double Low) _closedSum;
    private ValueTally _tally = new();

    /// <summary>Gets the number of values other than NaN.</summary>
    public long Count => FiniteCount + _tally.PositiveInfinities + _tally.NegativeInfinities;

    /// <summary>Gets the number of finite values.</summary>
    public long FiniteCount => _closed.Count + _block.FiniteCount;

    /// <summary>Gets the number of NaN.</summary>
    public long NaNCount => _tally.NaNs;

    /// <summary>Gets the number of +∞.</summary>
    public long PositiveInfinityCount => _tally.PositiveInfinities;

    /// <summary>Gets the number of −∞.</summary>
    public long NegativeInfinityCount => _tally.NegativeInfinities;

    /// <summary>Gets the number of zeros, −0 included.</summary>
    public long ZeroCount => _tally.Zeros;

    /// <summary>Gets the number of values below zero, −∞ included.</summary>
    public long NegativeCount => _tally.Negatives;

    /// <summary>Gets the sum of the finite values; 0 when there is none.</summary>
    public double Sum => _closedSum.High + (_closedSum.Low + _block.GetSum());

    /// <summary>Gets the mean of the finite values; NaN when there is none.</summary>
    public double Mean
    {
        get
        {
            if (FiniteCount == 0) return double.NaN;
            var (moments, sum) = (GetMoments(), Sum);
            // The sum rounds values, the moments round deviations: the smaller ones lose less.
            return double.IsFinite(sum) && moments.Mean * moments.Mean <= moments.Squares / moments.Count ? sum / moments.Count : moments.Mean;
        }
    }

    /// <summary>Gets the population variance (divided by the count) of the finite values; NaN when there is none.</summary>
    public double Variance => FiniteCount == 0 ? double.NaN : GetMoments().Squares / FiniteCount;

    /// <summary>Gets the population standard deviation of the finite values; NaN when there is none.</summary>
    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>Gets the skewness g₁ = m₃ / m₂^1.5 of the finite values, with m the population's central moments (no correction of bias); NaN where they do not differ.</summary>
    public double Skewness
    {
        get
        {
            var moments = GetMoments();
            var variance = moments.Squares / moments.Count;
            return IsConstant(moments) ? double.NaN : moments.Cubes / moments.Count / (variance * Math.Sqrt(variance));
        }
    }

    /// <summary>Gets the excess kurtosis g₂ = m₄ / m₂² − 3 of the finite values, 0 for a normal law, with m the population's central moments (no correction of bias); NaN where they do not differ.</summary>
    public double ExcessKurtosis
    {
        get
        {
            var moments = GetMoments();
            var variance = moments.Squares / moments.Count;
            return IsConstant(moments) ? double.NaN : (moments.Fourths / moments.Count / (variance * variance)) - 3;
        }
    }

    /// <summary>Gets the smallest value, which may be infinite; NaN when there is none.</summary>
    public double Minimum
        => _tally.NegativeInfinities > 0 ? double.NegativeInfinity : FiniteCount > 0 ? _tally.Minimum : _tally.PositiveInfinities > 0 ? double.PositiveInfinity : double.NaN;

    /// <summary>Gets the largest value, which may be infinite; NaN when there is none.</summary>
    public double Maximum
        => _tally.PositiveInfinities > 0 ? double.PositiveInfinity : FiniteCount > 0 ? _tally.Maximum : _tally.NegativeInfinities > 0 ? double.NegativeInfinity : double.NaN;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<double> values)
    {
        while (!values.IsEmpty)
        {
            if (_block.Position == 0) _block.Open(_closed.Count == 0 ? double.NaN : Math.Clamp(_closed.Mean, _tally.Minimum, _tally.Maximum));
            var taken = Math.Min(values.Length, MomentsBlock.Length - _block.Position);
            _block.Add(values[..taken], ref _tally);
            values = values[taken..];
            if (_block.Position == MomentsBlock.Length) CloseBlock();
        }
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    public void Add(double value) => Add(new ReadOnlySpan<double>(in value));

    /// <inheritdoc/>
    public void Merge(MomentsSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count == 0 && other.NaNCount == 0) return;
        var (moments, sum, tally) = (other.GetMoments(), other.GetSum(), other._tally);
        CloseBlock();
        _closed = _closed.Combine(moments);
        _closedSum = AddSums(_closedSum, sum);
        _tally.Add(tally);
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        MomentsFormat.Write(new MomentsFormat.State(_closed, _closedSum, _tally), _block, writer);
    }

    /// <inheritdoc/>
    public static MomentsSketch ReadFrom(ReadOnlySpan<byte> source)
    {
        var sketch = new MomentsSketch();
        (sketch._closed, sketch._closedSum, sketch._tally) = MomentsFormat.Read(source, sketch._block);
        return sketch;
    }

    private CentralMoments GetMoments() => _closed.Combine(_block.GetMoments());

    private (double High, double Low) GetSum() => AddSums(_closedSum, (_block.GetSum(), 0));

    private void CloseBlock()
    {
        _closed = GetMoments();
        _closedSum = GetSum();
        _block.Open(double.NaN);
    }

    /// <summary>A variance within rounding of the mean is that of one value repeated; SciPy draws the same line.</summary>
    private static bool IsConstant(in CentralMoments moments)
    {
        var rounding = 1e-15 * moments.Mean;
        return moments.Count == 0 || moments.Squares / moments.Count <= rounding * rounding;
    }

    private static (double High, double Low) AddSums((double High, double Low) a, (double High, double Low) b)
    {
        var (sum, rest) = CentralMoments.Add(a.High, b.High);
        return (sum, rest + a.Low + b.Low);
    }
}
