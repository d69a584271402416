using System.Collections.Concurrent;

namespace Mlops.Monitoring;

/// <summary>The quantiles of a law without parameters, kept once found: all tests of a report ask for the same few. Safe for concurrent use.</summary>
/// <param name="tail">The upper tail of the law.</param>
/// <param name="high">Where to begin to look.</param>
internal sealed class QuantileCache(Func<double, double> tail, double high)
{
    private const int Capacity = 1000;
    private readonly ConcurrentDictionary<double, double> _quantiles = new();

    /// <summary>Gets the value that is exceeded with the given probability.</summary>
    public double Get(double probability)
    {
        if (_quantiles.TryGetValue(probability, out var known)) return known;
        var quantile = Quantile.Find(tail, probability, 0, high);
        if (_quantiles.Count < Capacity) _quantiles.TryAdd(probability, quantile);
        return quantile;
    }
}
