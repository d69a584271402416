using System.Globalization;

namespace Mlops.Tracking;

/// <summary>One measurement of a run; the same name with several steps makes a series.</summary>
/// <param name="Name">The name, at most 250 characters.</param>
/// <param name="Value">The value; NaN and infinities are kept.</param>
/// <param name="Step">Where in the series it belongs; may be negative.</param>
/// <param name="Timestamp">When it was measured, kept to the millisecond.</param>
public readonly record struct Metric(string Name, double Value, long Step, DateTimeOffset Timestamp)
{
    /// <summary>Describes the measurement in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} = {Value} at step {Step}, {Timestamp:O}");
}
