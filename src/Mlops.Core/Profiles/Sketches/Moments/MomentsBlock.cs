using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Profiles;

/// <summary>Sums of powers of deviations from a pivot, over up to <see cref="Length"/> values, in eight lanes.</summary>
/// <remarks>Value i goes into lane i mod 8, whatever the calls it came in and whatever the width of the machine's vectors, so that sums do not depend on either.</remarks>
internal sealed class MomentsBlock
{
    /// <summary>How many values a block takes.</summary>
    public const int Length = 4096;

    /// <summary>The number of sums: of values, and of the first to fourth powers of deviations.</summary>
    public const int SumCount = 5;

    private const int Lanes = 8;

    private readonly double[] _sums = new double[SumCount * Lanes];

    /// <summary>Gets how many values came, those that are not finite included.</summary>
    public int Position { get; private set; }

    /// <summary>Gets how many finite values came.</summary>
    public int FiniteCount { get; private set; }

    /// <summary>Gets what deviations are from; NaN until it is known.</summary>
    public double Pivot { get; private set; } = double.NaN;

    /// <summary>Gets the lanes of the sums, shape (5 × 8).</summary>
    public ReadOnlySpan<double> Sums => _sums;

    /// <summary>Empties the block.</summary>
    /// <param name="pivot">What deviations are from; NaN for the first finite value.</param>
    public void Open(double pivot)
    {
        Array.Clear(_sums);
        (Position, FiniteCount, Pivot) = (0, 0, pivot);
    }

    /// <summary>Restores a block.</summary>
    public void Load(int position, int finiteCount, double pivot, ReadOnlySpan<double> sums)
    {
        (Position, FiniteCount, Pivot) = (position, finiteCount, pivot);
        sums.CopyTo(_sums);
    }

    /// <summary>Gets the sum of the finite values.</summary>
    public double GetSum() => Total(0);

    /// <summary>Gets the moments of the finite values.</summary>
    public CentralMoments GetMoments()
    {
        if (FiniteCount == 0) return default;
        var first = Total(1);
        // Deviations beyond the largest double: the mean is still known, the spread is not.
        return double.IsFinite(first)
            ? CentralMoments.FromPivot(FiniteCount, Pivot, first, Total(2), Total(3), Total(4))
            : new CentralMoments(FiniteCount, Total(0) / FiniteCount, 0, double.PositiveInfinity, double.NaN, double.NaN);
    }

    /// <summary>Adds values; no more than fit.</summary>
    public void Add(ReadOnlySpan<double> values, ref ValueTally tally)
    {
        var i = 0;
        while (i < values.Length && (double.IsNaN(Pivot) || Position % Lanes != 0)) AddOne(values[i++], ref tally);
        var vectors = Vector128.IsHardwareAccelerated ? (values.Length - i) / Lanes : 0;
        if (vectors > 0) AddVectors(values.Slice(i, vectors * Lanes), ref tally);
        for (i += vectors * Lanes; i < values.Length; i++) AddOne(values[i], ref tally);
    }

    private void AddOne(double value, ref ValueTally tally)
    {
        var lane = Position++ % Lanes;
        tally.Add(value);
        if (!double.IsFinite(value)) return;
        if (double.IsNaN(Pivot)) Pivot = value;
        FiniteCount++;
        var d = value - Pivot;
        var d2 = d * d;
        _sums[lane] += value;
        _sums[Lanes + lane] += d;
        _sums[(2 * Lanes) + lane] += d2;
        _sums[(3 * Lanes) + lane] += d2 * d;
        _sums[(4 * Lanes) + lane] += d2 * d2;
    }

    private void AddVectors(ReadOnlySpan<double> values, ref ValueTally tally)
    {
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var sums = ref MemoryMarshal.GetArrayDataReference(_sums);
        var sum0 = Vector512.LoadUnsafe(ref sums);
        var sum1 = Vector512.LoadUnsafe(ref sums, Lanes);
        var sum2 = Vector512.LoadUnsafe(ref sums, 2 * Lanes);
        var sum3 = Vector512.LoadUnsafe(ref sums, 3 * Lanes);
        var sum4 = Vector512.LoadUnsafe(ref sums, 4 * Lanes);
        var pivot = Vector512.Create(Pivot);
        Vector512<double> smallest = pivot, largest = pivot;
        Vector512<long> finite = default, zeros = default, negatives = default;
        for (nuint i = 0; i < (nuint)values.Length; i += Lanes)
        {
            var v = Vector512.LoadUnsafe(ref source, i);
            var isFinite = Vector512.LessThan(Vector512.Abs(v), Vector512.Create(double.PositiveInfinity));
            // The pivot lies between the extremes and deviates by nothing: it stands in for what is not finite.
            var x = Vector512.ConditionalSelect(isFinite, v, pivot);
            var d = x - pivot;
            var d2 = d * d;
            sum0 += v & isFinite;
            sum1 += d;
            sum2 += d2;
            sum3 += d2 * d;
            sum4 += d2 * d2;
            smallest = Vector512.MinNative(smallest, x);
            largest = Vector512.MaxNative(largest, x);
            finite -= isFinite.AsInt64();
            zeros -= Vector512.Equals(v, Vector512<double>.Zero).AsInt64();
            negatives -= Vector512.LessThan(v, Vector512<double>.Zero).AsInt64();
        }

        sum0.StoreUnsafe(ref sums);
        sum1.StoreUnsafe(ref sums, Lanes);
        sum2.StoreUnsafe(ref sums, 2 * Lanes);
        sum3.StoreUnsafe(ref sums, 3 * Lanes);
        sum4.StoreUnsafe(ref sums, 4 * Lanes);
        var finiteCount = (int)Vector512.Sum(finite);
        Position += values.Length;
        FiniteCount += finiteCount;
        tally.Zeros += Vector512.Sum(zeros);
        tally.Negatives += Vector512.Sum(negatives);
        if (finiteCount > 0) tally.Widen(smallest, largest);
        if (finiteCount < values.Length) tally.AddNonFinite(values);
    }

    private double Total(int sum)
    {
        double total = 0;
        foreach (var lane in _sums.AsSpan(sum * Lanes, Lanes)) total += lane;
        return total;
    }
}
