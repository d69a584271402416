namespace Mlops.Validation;

/// <summary>Values by which others are judged. Kept sorted, so that what is measured does not depend on the order in which they came.</summary>
internal sealed class MetricBaseline
{
    private const double MadToDeviation = 1.482602218505602; // 1 / Φ⁻¹(3/4)
    private const double MeanAbsoluteToDeviation = 1.2533141373155003; // √(π/2)

    // What is smaller, in proportion to the values, is rounding.
    private const double RelativeRounding = 1e-12;

    private readonly List<double> _sorted = [];

    public int Count => _sorted.Count;

    /// <summary>The power of two above all sizes: divided by it no digit changes, and squares of very large and very small values stay within the numbers.</summary>
    private int Exponent => Math.Max(Math.Abs(_sorted[0]), Math.Abs(_sorted[^1])) is var largest && largest > 0 && double.IsFinite(largest) ? Math.ILogB(largest) + 1 : 0;

    public void Add(double value)
    {
        var position = _sorted.BinarySearch(value);
        _sorted.Insert(position < 0 ? ~position : position, value);
    }

    public void Remove(double value) => _sorted.RemoveAt(_sorted.BinarySearch(value));

    public void Clear() => _sorted.Clear();

    /// <summary>The range around the centre; at least two values must be there.</summary>
    public MetricRange GetRange(ZScoreEstimator estimator, double threshold, double minimumDeviation)
    {
        var (centre, deviation) = Measure(estimator);
        return Around(centre, deviation, threshold, minimumDeviation, centre);
    }

    /// <summary>The range around a centre; differences that are rounding, for numbers of the size of a scale, are always within it.</summary>
    public static MetricRange Around(double centre, double deviation, double threshold, double minimumDeviation, double scale)
    {
        var half = Math.Max(threshold * Math.Max(deviation, minimumDeviation), RelativeRounding * Math.Abs(scale));
        return new MetricRange(centre - half, centre + half);
    }

    /// <summary>Measures centre and spread. The centre is finite.</summary>
    public (double Centre, double Deviation) Measure(ZScoreEstimator estimator)
    {
        var exponent = Exponent;
        var (centre, deviation) = estimator == ZScoreEstimator.Mean ? MeasureMean(exponent) : MeasureMedian(exponent);
        return (Math.ScaleB(centre, exponent), Math.ScaleB(deviation, exponent));
    }

    /// <summary>The root of the sum of the squares divided by a number of degrees of freedom; NaN with an infinite value.</summary>
    public double GetRootMeanSquare(int freedom)
    {
        var (exponent, sum) = (Exponent, 0.0);
        for (var i = 0; i < Count; i++) sum += At(i, exponent) * At(i, exponent);
        return Math.ScaleB(Math.Sqrt(sum / freedom), exponent);
    }

    /// <summary>The standard deviation around zero of which these are sizes, by their median; by their mean where more than half are zero.</summary>
    public double GetMedianSize()
    {
        var exponent = Exponent;
        var median = (At((Count - 1) / 2, exponent) / 2) + (At(Count / 2, exponent) / 2);
        if (median > 0) return Math.ScaleB(MadToDeviation * median, exponent);
        var sum = 0.0;
        for (var i = 0; i < Count; i++) sum += At(i, exponent);
        return Math.ScaleB(MeanAbsoluteToDeviation * sum / Count, exponent);
    }

    private double At(int position, int exponent) => Math.ScaleB(_sorted[position], -exponent);

    private (double Mean, double Deviation) MeasureMean(int exponent)
    {
        // From a value in the middle, so that the mean of equal values is exactly theirs.
        double middle = At(Count / 2, exponent), sum = 0, squares = 0;
        for (var i = 0; i < Count; i++) sum += At(i, exponent) - middle;
        var mean = middle + (sum / Count);
        for (var i = 0; i < Count; i++)
        {
            var difference = At(i, exponent) - mean;
            squares += difference * difference;
        }

        return (mean, Math.Sqrt(squares / (Count - 1)));
    }

    private (double Median, double Deviation) MeasureMedian(int exponent)
    {
        var half = Count / 2;
        var median = Count % 2 == 1 ? At(half, exponent) : (At(half - 1, exponent) / 2) + (At(half, exponent) / 2);
        // From the middle outwards the absolute deviations come in their order.
        var (left, right) = (half - 1, half);
        double before = 0, current = 0, sum = 0;
        for (var i = 0; i < Count; i++)
        {
            var (down, up) = (left >= 0 ? median - At(left, exponent) : double.PositiveInfinity, right < Count ? At(right, exponent) - median : double.PositiveInfinity);
            var next = Math.Min(down, up);
            if (down < up) left--;
            else right++;
            sum += next;
            if (i <= half) (before, current) = (current, next);
        }

        var mad = Count % 2 == 1 ? current : (before / 2) + (current / 2);
        return (median, mad > 0 ? MadToDeviation * mad : MeanAbsoluteToDeviation * sum / Count);
    }
}
