using Mlops.Models;

namespace Mlops.Training;

/// <summary>Takes parts of dates that are given as days or seconds since 1970-01-01.</summary>
internal static class DateParts
{
    /// <summary>The part of what is no date.</summary>
    public const int Missing = -1;

    private const int SecondsPerDay = 86_400;

    /// <summary>The part of a day; <see cref="Missing"/> outside of the years 1 to 9999.</summary>
    public static int Of(DatePart part, long days, int second = 0)
    {
        if (days is < DatePartOperator.FirstDay or > DatePartOperator.LastDay) return Missing;
        var date = DateOnly.FromDayNumber((int)days - DatePartOperator.FirstDay);
        return part switch
        {
            DatePart.Year => date.Year,
            DatePart.Quarter => (date.Month + 2) / 3,
            DatePart.Month => date.Month,
            DatePart.Day => date.Day,
            DatePart.DayOfWeek => (int)date.DayOfWeek,
            DatePart.DayOfYear => date.DayOfYear,
            DatePart.Hour => second / 3600,
            DatePart.Minute => second / 60 % 60,
            _ => second % 60,
        };
    }

    /// <summary>The part of a day or moment; <see cref="Missing"/> where it is NaN, infinite or outside of the years 1 to 9999.</summary>
    public static int Of(DatePart part, DateUnit unit, double value)
    {
        var whole = Math.Floor(value);
        if (!(Math.Abs(whole) < 1e15)) return Missing;
        if (unit == DateUnit.Days) return Of(part, (long)whole);
        var second = (int)((((long)whole % SecondsPerDay) + SecondsPerDay) % SecondsPerDay);
        return Of(part, ((long)whole - second) / SecondsPerDay, second);
    }
}
