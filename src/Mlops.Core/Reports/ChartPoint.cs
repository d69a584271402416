using System.Globalization;

namespace Mlops.Reports;

/// <summary>A value at a time.</summary>
/// <param name="At">The time.</param>
/// <param name="Value">The value; NaN and infinities are gaps.</param>
public readonly record struct ChartPoint(DateTimeOffset At, double Value)
{
    /// <summary>Creates a point at the beginning of a day in UTC.</summary>
    /// <param name="day">The day.</param>
    /// <param name="value">The value; NaN and infinities are gaps.</param>
    public ChartPoint(DateOnly day, double value)
        : this(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), value)
    {
    }

    /// <summary>Describes the point, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At:O}: {Value}");
}
