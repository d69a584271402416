namespace Mlops.Validation;

/// <summary>The largest values of a stream, from which one is estimated that another stream of the same kind will hardly exceed. The smallest, when the values are given with the other sign.</summary>
/// <remarks>
/// The excesses over a threshold are described by a generalised Pareto law, whose parameters are those of their mean and variance.
/// Source: J. Hosking, J. Wallis, "Parameter and quantile estimation for the generalized Pareto distribution", Technometrics 29(3), 1987.
/// </remarks>
internal sealed class TailValues
{
    private const int Kept = 100;
    private readonly PriorityQueue<double, double> _largest = new();
    private double _least = double.NegativeInfinity;

    /// <summary>Gets the number of values.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the largest value; −∞ when there is none.</summary>
    public double Maximum { get; private set; } = double.NegativeInfinity;

    /// <summary>Gets how often the largest value occurs.</summary>
    public long MaximumCount { get; private set; }

    /// <summary>Adds values; NaN is passed over.</summary>
    public void Add(ReadOnlySpan<double> values, int sign)
    {
        foreach (var given in values)
        {
            if (!double.IsNaN(given)) Add(given * sign);
        }
    }

    /// <summary>Adds a value that is a number.</summary>
    public void Add(double value)
    {
        Count++;
        if (value > Maximum) (Maximum, MaximumCount) = (value, 1);
        else if (value == Maximum) MaximumCount++;
        if (value <= _least) return;
        _largest.Enqueue(value, value);
        if (_largest.Count <= Kept + 1) return;
        _largest.Dequeue();
        _least = _largest.Peek();
    }

    /// <summary>Estimates a limit that hardly a value of as many others exceeds; not below the largest value.</summary>
    /// <param name="exceedance">The probability that one does.</param>
    public double EstimateLimit(double exceedance = 0.001)
    {
        var tail = (int)Math.Min(Kept, Count / 10);
        if (tail < 5) return Maximum;
        // From the largest down; the one after the tail is the threshold.
        double[] values = [.. _largest.UnorderedItems.Select(item => item.Element).OrderDescending()];
        var threshold = values[tail];
        var mean = values.Take(tail).Average(value => value - threshold);
        var variance = values.Take(tail).Sum(value => (value - threshold - mean) * (value - threshold - mean)) / (tail - 1);
        if (!(variance > 0) || !double.IsFinite(variance)) return Maximum;
        var ratio = mean * mean / variance;
        var (shape, scale) = ((1 - ratio) / 2, mean * (ratio + 1) / 2);
        var growth = tail / exceedance;
        var excess = Math.Abs(shape) < 1e-6 ? scale * Math.Log(growth) : scale / shape * (Math.Pow(growth, shape) - 1);
        return Math.Max(Maximum, threshold + excess);
    }
}
