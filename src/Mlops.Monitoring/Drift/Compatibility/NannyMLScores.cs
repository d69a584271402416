namespace Mlops.Monitoring;

/// <summary>The statistics of NannyML for one reference of numbers.</summary>
internal sealed class NannyMLScores
{
    /// <summary>The number of reference values from which on NannyML estimates with bins.</summary>
    public const int EstimatedFrom = 10_000;

    private const int EstimateBins = 10_000;

    private readonly NannyMLMethod _method;
    private readonly double[] _reference;
    private readonly bool _isEstimated;
    private readonly double _minimum;
    private readonly double _maximum;
    private readonly double[] _edges = [];
    private readonly BinEdges? _bins;
    private readonly double[] _shares = [];

    /// <param name="method">The method.</param>
    /// <param name="reference">The reference, ascending, not empty.</param>
    /// <param name="isEstimated">Whether statistics of order are estimated with bins.</param>
    public NannyMLScores(NannyMLMethod method, double[] reference, bool isEstimated)
    {
        (_method, _reference, _isEstimated) = (method, reference, isEstimated);
        (_minimum, _maximum) = (reference[0], reference[^1]);
        // NumPy's range of equal values; for Kolmogorov–Smirnov NannyML makes the edges itself, without it.
        if (_minimum == _maximum && method != NannyMLMethod.KolmogorovSmirnov) (_minimum, _maximum) = (_minimum - 0.5, _maximum + 0.5);
        if (method is NannyMLMethod.JensenShannon or NannyMLMethod.Hellinger)
        {
            _bins = Binning.Doane.GetEdges(reference);
            _shares = GetShares(reference);
        }
        else if (isEstimated)
        {
            var width = (_maximum - _minimum) / EstimateBins;
            _edges = [.. Enumerable.Range(0, EstimateBins).Select(i => _minimum + (i * width)), _maximum];
        }
    }

    public static string GetName(NannyMLMethod method) => method switch
    {
        NannyMLMethod.JensenShannon => "jensen-shannon",
        NannyMLMethod.KolmogorovSmirnov => "kolmogorov-smirnov",
        NannyMLMethod.Wasserstein => "wasserstein",
        NannyMLMethod.Hellinger => "hellinger",
        NannyMLMethod.ChiSquared => "chi2",
        _ => "l-infinity",
    };

    /// <summary>Gets a statistic of categories other than chi-squared.</summary>
    public static double GetOfCategories(NannyMLMethod method, CategoryTable table)
    {
        if (method == NannyMLMethod.LInfinity) return table.GetLargestDifference(table.Reference, table.Current);
        double[] p = [.. table.Reference.Select(count => (double)count / table.ReferenceCount)], q = [.. table.Current.Select(count => (double)count / table.CurrentCount)];
        return GetDistance(method, p, q);
    }

    /// <summary>Gets the statistic of values, ascending, not empty.</summary>
    public double Get(double[] values) => _method switch
    {
        NannyMLMethod.KolmogorovSmirnov => _isEstimated ? EstimateKolmogorovSmirnov(values) : GetKolmogorovSmirnov(values),
        NannyMLMethod.Wasserstein => _isEstimated ? EstimateWasserstein(values) : CompatibleSample.Integrate(_reference, values, isSquared: false),
        _ => GetDistance(_method, _shares, GetShares(values)),
    };

    private static double GetDistance(NannyMLMethod method, double[] p, double[] q) => method == NannyMLMethod.JensenShannon
        ? Math.Sqrt(p.Zip(q, JensenShannon.GetTerm).Sum() / Math.Log(2))
        : Math.Sqrt(p.Zip(q, (a, b) => (Math.Sqrt(a) - Math.Sqrt(b)) * (Math.Sqrt(a) - Math.Sqrt(b))).Sum() / 2);

    /// <summary>Gets the shares of the bins within the range of the reference, and of all that lies outside.</summary>
    private double[] GetShares(double[] values)
    {
        var inside = Array.FindAll(values, value => value >= _minimum && value <= _maximum);
        return [.. _bins!.Count(inside).Select(count => (double)count / values.Length), (double)(values.Length - inside.Length) / values.Length];
    }

    private double GetKolmogorovSmirnov(double[] values)
    {
        double largest = 0;
        for (int i = 0, j = 0; i < _reference.Length && j < values.Length;)
        {
            var value = Math.Min(_reference[i], values[j]);
            while (i < _reference.Length && _reference[i] <= value) i++;
            while (j < values.Length && values[j] <= value) j++;
            largest = Math.Max(largest, Math.Abs(((double)i / _reference.Length) - ((double)j / values.Length)));
        }

        return largest;
    }

    private double EstimateKolmogorovSmirnov(double[] values)
    {
        double largest = 0;
        for (var edge = 1; edge < _edges.Length; edge++)
        {
            var isLast = edge == _edges.Length - 1;
            largest = Math.Max(largest, Math.Abs(GetShareBelow(_reference, _edges[edge], isLast) - GetShareBelow(values, _edges[edge], isLast)));
        }

        return largest;
    }

    private double EstimateWasserstein(double[] values)
    {
        var below = CountBelow(values, _minimum, orEqual: false);
        // One value too many is taken to lie below the range when any does.
        var excess = below > 0 ? 1.0 / values.Length : 0;
        var width = _edges[1] - _edges[0];
        double sum = 0;
        for (var edge = 1; edge < _edges.Length; edge++)
        {
            var isLast = edge == _edges.Length - 1;
            sum += Math.Abs(GetShareBelow(_reference, _edges[edge], isLast) - GetShareBelow(values, _edges[edge], isLast) - excess) * width;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] < _minimum) sum += (_minimum - values[i]) / values.Length;
            if (values[i] > _maximum) sum += (values[i] - _maximum) / values.Length;
        }

        return sum;
    }

    private static double GetShareBelow(double[] sorted, double edge, bool orEqual) => (double)CountBelow(sorted, edge, orEqual) / sorted.Length;

    private static int CountBelow(double[] sorted, double edge, bool orEqual)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (sorted[middle] < edge || (orEqual && sorted[middle] == edge)) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
