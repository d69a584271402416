using System.Globalization;

namespace Mlops.Tracking;

/// <summary>A measurement as it is in a relational store.</summary>
/// <param name="Run">The number of the run.</param>
/// <param name="Name">The number of the metric's name.</param>
/// <param name="Step">Where in the series it belongs.</param>
/// <param name="Timestamp">When it was measured, in milliseconds since 1970-01-01T00:00Z.</param>
/// <param name="Value">The value; 0 for NaN.</param>
/// <param name="IsNaN">Whether the value is NaN.</param>
public readonly record struct MetricRow(long Run, long Name, long Step, long Timestamp, double Value, bool IsNaN)
{
    /// <summary>Describes the measurement in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"run {Run}, metric {Name} = {(IsNaN ? double.NaN : Value)} at step {Step}, {Timestamp} ms");
}
