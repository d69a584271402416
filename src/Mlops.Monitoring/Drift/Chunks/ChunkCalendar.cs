using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Periods of time: which one a moment belongs to, and where it begins. Moments are ticks (100 ns) since 0001-01-01 UTC.</summary>
internal sealed class ChunkCalendar
{
    private readonly ChunkPeriod? _period;

    public ChunkCalendar(ChunkPeriod period)
    {
        if (!Enum.IsDefined(period)) throw new ArgumentOutOfRangeException(nameof(period), period, "The period is unknown.");
        var year = TimeSpan.FromDays(365.2425);
        (_period, Interval) = period switch
        {
            ChunkPeriod.Hour => ((ChunkPeriod?)null, TimeSpan.FromHours(1)),
            ChunkPeriod.Day => (null, TimeSpan.FromDays(1)),
            ChunkPeriod.Week => (null, TimeSpan.FromDays(7)),
            ChunkPeriod.Month => (period, year / 12),
            ChunkPeriod.Quarter => (period, year / 4),
            _ => (period, year),
        };
    }

    public ChunkCalendar(TimeSpan length) => Interval = length;

    /// <summary>Gets the length of a period, on average.</summary>
    public TimeSpan Interval { get; }

    private int Months => _period switch { ChunkPeriod.Month => 1, ChunkPeriod.Quarter => 3, _ => 12 };

    /// <summary>Gets the number of the period that a moment belongs to.</summary>
    public long GetNumber(long ticks)
    {
        if (_period is null) return ticks / Interval.Ticks;
        var time = new DateTime(ticks);
        return ((time.Year * 12) + time.Month - 1) / Months;
    }

    /// <summary>Gets the first moment of a period, as far as times go.</summary>
    public DateTimeOffset GetStart(long number)
    {
        if (_period is null) return new DateTimeOffset((long)Int128.Min((Int128)number * Interval.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero);
        var month = number * Months;
        return month / 12 > 9999 ? DateTimeOffset.MaxValue : new DateTimeOffset((int)(month / 12), (int)(month % 12) + 1, 1, 0, 0, 0, TimeSpan.Zero);
    }

    public string GetName(long number)
    {
        var start = GetStart(number);
        return _period switch
        {
            ChunkPeriod.Month => start.ToString("yyyy-MM", CultureInfo.InvariantCulture),
            ChunkPeriod.Quarter => string.Create(CultureInfo.InvariantCulture, $"{start:yyyy} Q{(start.Month + 2) / 3}"),
            ChunkPeriod.Year => start.ToString("yyyy", CultureInfo.InvariantCulture),
            _ => Interval.Ticks % TimeSpan.TicksPerDay == 0
                ? start.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
                : start.ToString(Interval.Ticks % TimeSpan.TicksPerMinute == 0 ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        };
    }
}
