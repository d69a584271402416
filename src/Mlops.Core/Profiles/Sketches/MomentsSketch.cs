using System.Buffers;
using System.Buffers.Binary;

namespace Mlops.Profiles;

/// <summary>Count, mean, variance, minimum and maximum of a stream of numbers, exactly up to rounding.</summary>
/// <remarks>
/// <para>NaN is ignored. Memory O(1).</para>
/// <para>Source: B. P. Welford (1962) for adding, T. F. Chan, G. H. Golub, R. J. LeVeque (1979) for merging.</para>
/// </remarks>
public sealed class MomentsSketch : ISketch<MomentsSketch, double>
{
    private const int BinaryLength = 40;
    private double _mean;
    private double _squares;

    /// <summary>Gets the number of values.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the mean; NaN when there is no value.</summary>
    public double Mean => Count == 0 ? double.NaN : _mean;

    /// <summary>Gets the population variance (divided by the count); NaN when there is no value.</summary>
    public double Variance => Count == 0 ? double.NaN : _squares / Count;

    /// <summary>Gets the population standard deviation; NaN when there is no value.</summary>
    public double StandardDeviation => Math.Sqrt(Variance);

    /// <summary>Gets the smallest value; NaN when there is none.</summary>
    public double Minimum { get; private set; } = double.NaN;

    /// <summary>Gets the largest value; NaN when there is none.</summary>
    public double Maximum { get; private set; } = double.NaN;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value)) continue;
            Count++;
            var delta = value - _mean;
            _mean += delta / Count;
            _squares += delta * (value - _mean);
            if (!(value >= Minimum)) Minimum = value;
            if (!(value <= Maximum)) Maximum = value;
        }
    }

    /// <inheritdoc/>
    public void Merge(MomentsSketch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count == 0) return;
        if (Count == 0)
        {
            (Count, _mean, _squares, Minimum, Maximum) = (other.Count, other._mean, other._squares, other.Minimum, other.Maximum);
            return;
        }

        var count = Count + other.Count;
        var delta = other._mean - _mean;
        _mean += delta * other.Count / count;
        _squares += other._squares + (delta * delta * Count * other.Count / count);
        Count = count;
        Minimum = Math.Min(Minimum, other.Minimum);
        Maximum = Math.Max(Maximum, other.Maximum);
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var span = writer.GetSpan(BinaryLength);
        BinaryPrimitives.WriteInt64LittleEndian(span, Count);
        BinaryPrimitives.WriteDoubleLittleEndian(span[8..], _mean);
        BinaryPrimitives.WriteDoubleLittleEndian(span[16..], _squares);
        BinaryPrimitives.WriteDoubleLittleEndian(span[24..], Minimum);
        BinaryPrimitives.WriteDoubleLittleEndian(span[32..], Maximum);
        writer.Advance(BinaryLength);
    }

    /// <inheritdoc/>
    public static MomentsSketch ReadFrom(ReadOnlySpan<byte> source)
    {
        if (source.Length != BinaryLength) throw new FormatException("The bytes are not a moments sketch.");
        return new MomentsSketch
        {
            Count = BinaryPrimitives.ReadInt64LittleEndian(source),
            _mean = BinaryPrimitives.ReadDoubleLittleEndian(source[8..]),
            _squares = BinaryPrimitives.ReadDoubleLittleEndian(source[16..]),
            Minimum = BinaryPrimitives.ReadDoubleLittleEndian(source[24..]),
            Maximum = BinaryPrimitives.ReadDoubleLittleEndian(source[32..]),
        };
    }
}
