using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>The distribution of a stream of numbers: every value while they are few, a KLL sketch beyond.</summary>
/// <param name="exactCount">The number of values up to which all are kept.</param>
internal sealed class NumberDistribution(int exactCount)
{
    /// <summary>The accuracy of the sketch: a rank is off by at most 0.071 % of the values, at 99 % confidence, in about 100 KB.</summary>
    private const int SketchK = 4096;

    private readonly List<double> _values = [];
    private KllSketch? _sketch;

    /// <summary>Gets the number of values.</summary>
    public long Count => _sketch?.Count ?? _values.Count;

    /// <summary>Gets the largest error of a rank, as a share of the count, at 99 % confidence; 0 while every value is kept.</summary>
    public double RankError => _sketch?.NormalizedRankError ?? 0;

    /// <summary>Adds numbers; NaN is left out.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        if (_sketch is not null)
        {
            _sketch.Add(values);
            return;
        }

        foreach (var value in values)
        {
            if (!double.IsNaN(value)) _values.Add(value);
        }

        if (_values.Count <= exactCount) return;
        _sketch = new KllSketch(SketchK);
        _sketch.Add(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values));
        _values.Clear();
        _values.TrimExcess();
    }

    /// <summary>Measures the largest difference of two cumulative distributions: the two-sample Kolmogorov–Smirnov statistic.</summary>
    /// <returns>The statistic, 0..1, and the largest error by sketches, at 98 % confidence.</returns>
    public static (double Statistic, double Error) Compare(NumberDistribution a, NumberDistribution b)
    {
        var (left, right) = (a.GetItems(), b.GetItems());
        var (i, j, below, belowOther, largest) = (0, 0, 0L, 0L, Int128.Zero);
        while (i < left.Length && j < right.Length)
        {
            var value = Math.Min(left[i].Value, right[j].Value);
            for (; i < left.Length && left[i].Value <= value; i++) below += left[i].Weight;
            for (; j < right.Length && right[j].Value <= value; j++) belowOther += right[j].Weight;
            // Whole numbers: a difference of exactly a fifth is not a little below 0.2.
            largest = Int128.Max(largest, Int128.Abs(((Int128)below * b.Count) - ((Int128)belowOther * a.Count)));
        }

        return ((double)largest / ((double)a.Count * b.Count), a.RankError + b.RankError);
    }

    /// <summary>The statistic that two samples of one distribution reach once in a thousand times.</summary>
    /// <remarks>Source: N. V. Smirnov, 1948; the asymptotic distribution, which for small samples is a little too large.</remarks>
    public static double Chance(long count, long otherCount) => Math.Sqrt(-Math.Log(0.0005) / 2 * (count + otherCount) / ((double)count * otherCount));

    private (double Value, long Weight)[] GetItems()
    {
        if (_sketch is not null) return _sketch.GetSortedItems();
        _values.Sort();
        return [.. _values.Select(value => (value, 1L))];
    }
}
