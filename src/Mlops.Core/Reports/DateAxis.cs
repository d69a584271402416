using System.Globalization;

namespace Mlops.Reports;

/// <summary>A range of time with ticks at hours, days, months or years.</summary>
internal sealed class DateAxis
{
    private static readonly int[] s_hours = [1, 3, 6, 12];
    private static readonly int[] s_days = [1, 2, 7, 14];
    private static readonly int[] s_months = [1, 2, 3, 6];

    private DateAxis(DateTimeOffset minimum, DateTimeOffset maximum, (DateTimeOffset At, string Label)[] ticks)
        => (Minimum, Maximum, Ticks) = (minimum, maximum, ticks);

    public DateTimeOffset Minimum { get; }

    public DateTimeOffset Maximum { get; }

    public (DateTimeOffset At, string Label)[] Ticks { get; }

    public static DateAxis Create(DateTimeOffset minimum, DateTimeOffset maximum, int maximumTicks)
    {
        (minimum, maximum) = (minimum.ToUniversalTime(), maximum.ToUniversalTime());
        if (minimum == maximum) (minimum, maximum) = (minimum.AddDays(-1), maximum.AddDays(1));
        return new DateAxis(minimum, maximum, ChooseTicks(minimum, maximum, maximumTicks));
    }

    public double GetRatio(DateTimeOffset at) => (double)(at - Minimum).Ticks / (Maximum - Minimum).Ticks;

    private static (DateTimeOffset At, string Label)[] ChooseTicks(DateTimeOffset minimum, DateTimeOffset maximum, int maximumTicks)
    {
        var day = Midnight(minimum.Year, minimum.Month, minimum.Day);
        foreach (var step in s_hours)
        {
            if (Fits(Enumerate(day, at => at.AddHours(step)), step < 12 ? "HH:mm" : "d MMM HH:mm") is { } hours) return hours;
        }

        foreach (var step in s_days)
        {
            // Weeks begin on Mondays, two-day steps on even days since a fixed day, so ticks do not depend on where the data begin.
            var offset = (int)((day - Midnight(1970, 1, 5)).Days % step + step) % step;
            if (Fits(Enumerate(day.AddDays(-offset), at => at.AddDays(step)), "d MMM") is { } days) return days;
        }

        var year = Midnight(minimum.Year, 1, 1);
        foreach (var step in s_months)
        {
            if (Fits(Enumerate(year, at => at.AddMonths(step)), "MMM yyyy") is { } months) return months;
        }

        for (var step = 1; ; step = NextYearStep(step))
        {
            var first = Math.Max(1, minimum.Year / step * step);
            if (Fits(Enumerate(Midnight(first, 1, 1), at => at.Year + step > 9999 ? DateTimeOffset.MaxValue : at.AddYears(step)), "yyyy") is { } years) return years;
        }

        (DateTimeOffset, string)[]? Fits(IEnumerable<DateTimeOffset> candidates, string format)
        {
            var ticks = candidates.TakeWhile(at => at <= maximum).Where(at => at >= minimum).Take(maximumTicks + 1).ToArray();
            return ticks.Length > maximumTicks ? null : Array.ConvertAll(ticks, at => (at, at.ToString(format, CultureInfo.InvariantCulture)));
        }
    }

    private static IEnumerable<DateTimeOffset> Enumerate(DateTimeOffset first, Func<DateTimeOffset, DateTimeOffset> next)
    {
        for (var at = first; at < DateTimeOffset.MaxValue; at = next(at)) yield return at;
    }

    // 1, 2, 5, 10, 20, 50, …
    private static int NextYearStep(int step) => step.ToString(CultureInfo.InvariantCulture)[0] == '2' ? step / 2 * 5 : step * 2;

    private static DateTimeOffset Midnight(int year, int month, int day) => new(year, month, day, 0, 0, 0, TimeSpan.Zero);
}
