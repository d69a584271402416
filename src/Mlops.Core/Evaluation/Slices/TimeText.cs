using System.Globalization;
using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Writes bounds of columns of dates and times, which are days or seconds since 1970-01-01.</summary>
internal static class TimeText
{
    /// <summary>Writes a bound.</summary>
    /// <returns>The text, of times as many digits as tell ticks apart; <see langword="null"/> where the column is none of dates or times.</returns>
    public static string? Write(ElementType type, double value) => type switch
    {
        ElementType.Date => DateTime.UnixEpoch.AddDays(value).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ElementType.Timestamp => DateTime.UnixEpoch.AddSeconds(value).ToString("yyyy-MM-dd HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        _ => null,
    };
}
