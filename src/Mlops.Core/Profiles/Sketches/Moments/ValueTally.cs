using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Profiles;

/// <summary>How many values are of which kind, and the extremes of the finite ones.</summary>
internal struct ValueTally()
{
    public long NaNs;
    public long PositiveInfinities;
    public long NegativeInfinities;
    public long Zeros;
    public long Negatives;

    // Of finite values; never −0, whose sign would depend on the order of the values.
    public double Minimum = double.PositiveInfinity;
    public double Maximum = double.NegativeInfinity;

    public void Add(double value)
    {
        if (double.IsFinite(value))
        {
            if (value < Minimum) Minimum = value + 0.0;
            if (value > Maximum) Maximum = value + 0.0;
        }
        else if (double.IsNaN(value))
        {
            NaNs++;
        }
        else if (value > 0)
        {
            PositiveInfinities++;
        }
        else
        {
            NegativeInfinities++;
        }

        if (value == 0) Zeros++;
        if (value < 0) Negatives++;
    }

    /// <summary>Takes in extremes of finite values, lane by lane.</summary>
    public void Widen(Vector512<double> smallest, Vector512<double> largest)
    {
        for (var lane = 0; lane < Vector512<double>.Count; lane++)
        {
            Minimum = Math.Min(Minimum, smallest[lane] + 0.0);
            Maximum = Math.Max(Maximum, largest[lane] + 0.0);
        }
    }

    /// <summary>Counts the values that are not finite.</summary>
    /// <param name="values">The values; a multiple of eight.</param>
    public void AddNonFinite(ReadOnlySpan<double> values)
    {
        Vector512<long> numbers = default, positive = default, negative = default;
        foreach (var v in MemoryMarshal.Cast<double, Vector512<double>>(values))
        {
            numbers -= Vector512.Equals(v, v).AsInt64();
            positive -= Vector512.Equals(v, Vector512.Create(double.PositiveInfinity)).AsInt64();
            negative -= Vector512.Equals(v, Vector512.Create(double.NegativeInfinity)).AsInt64();
        }

        NaNs += values.Length - Vector512.Sum(numbers);
        PositiveInfinities += Vector512.Sum(positive);
        NegativeInfinities += Vector512.Sum(negative);
    }

    public void Add(in ValueTally other)
    {
        NaNs += other.NaNs;
        PositiveInfinities += other.PositiveInfinities;
        NegativeInfinities += other.NegativeInfinities;
        Zeros += other.Zeros;
        Negatives += other.Negatives;
        Minimum = Math.Min(Minimum, other.Minimum);
        Maximum = Math.Max(Maximum, other.Maximum);
    }
}
