using System.Globalization;

namespace Mlops.Validation;

/// <summary>The values of a metric that a rule lets pass, ends included.</summary>
/// <param name="Lower">The smallest value; negative infinity where there is none. Never NaN.</param>
/// <param name="Upper">The largest value; positive infinity where there is none. Never NaN.</param>
public readonly record struct MetricRange(double Lower, double Upper)
{
    /// <summary>Tells whether a value lies within the range.</summary>
    /// <param name="value">The value.</param>
    /// <returns>Whether it does; <see langword="false"/> for NaN.</returns>
    public bool Contains(double value) => value >= Lower && value <= Upper;

    /// <summary>Describes the range, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => (double.IsFinite(Lower), double.IsFinite(Upper)) switch
    {
        (true, true) when Lower == Upper => string.Create(CultureInfo.InvariantCulture, $"{Lower:g6}"),
        (true, true) => string.Create(CultureInfo.InvariantCulture, $"{Lower:g6} to {Upper:g6}"),
        (true, false) => string.Create(CultureInfo.InvariantCulture, $"at least {Lower:g6}"),
        (false, true) => string.Create(CultureInfo.InvariantCulture, $"at most {Upper:g6}"),
        _ => "any value",
    };
}
