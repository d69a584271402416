using System.Globalization;

namespace Mlops.Monitoring;

/// <summary>Periods of time: which one a moment belongs to, and where it begins. Moments are ticks (100 ns) since 0001-01-01 UTC.</summary>
internal sealed class ChunkCalendar
{
    private readonly ChunkPeriod? _period;

    /// <summary>Whose days and longer periods they are; <see langword="null"/> for UTC.</summary>
    private readonly TimeZoneInfo? _zone;

    public ChunkCalendar(ChunkPeriod period, TimeZoneInfo? zone)
    {
        if (!Enum.IsDefined(period)) throw new ArgumentOutOfRangeException(nameof(period), period, "The period is unknown.");
        // An hour of the clock may come twice in a zone.
        _zone = period == ChunkPeriod.Hour ? null : zone;
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
    public long GetNumber(DateTime moment) => GetLocalNumber(_zone is null ? moment.Ticks : TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(moment, DateTimeKind.Utc), _zone).Ticks);

    /// <summary>Gets the number of the period that a day belongs to, which is one of the calendar already.</summary>
    public long GetNumber(DateOnly day) => GetLocalNumber(day.DayNumber * TimeSpan.TicksPerDay);

    /// <summary>Gets the first moment of a period, as far as times go.</summary>
    public DateTimeOffset GetStart(long number)
    {
        var start = GetLocalStart(number);
        return _zone is null || start == DateTimeOffset.MaxValue ? start : GetMoment(start.DateTime, _zone);
    }

    private static DateTimeOffset GetMoment(DateTime clock, TimeZoneInfo zone)
    {
        // Of a time that the clock shows twice, the first; of one that it leaps over, the moment of the leap.
        var offset = zone.IsAmbiguousTime(clock) ? zone.GetAmbiguousTimeOffsets(clock).Max() : zone.IsInvalidTime(clock) ? zone.GetUtcOffset(clock.AddDays(-1)) : zone.GetUtcOffset(clock);
        var ticks = clock.Ticks - offset.Ticks;
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks) return new DateTimeOffset(clock, TimeSpan.Zero);
        var moment = new DateTime(ticks, DateTimeKind.Utc);
        return TimeZoneInfo.ConvertTime(new DateTimeOffset(moment), zone);
    }

    private long GetLocalNumber(long ticks)
    {
        if (_period is null) return ticks / Interval.Ticks;
        var time = new DateTime(ticks);
        return ((time.Year * 12) + time.Month - 1) / Months;
    }

    private DateTimeOffset GetLocalStart(long number)
    {
        if (_period is null) return new DateTimeOffset((long)Int128.Min((Int128)number * Interval.Ticks, DateTime.MaxValue.Ticks), TimeSpan.Zero);
        var month = number * Months;
        return month / 12 > 9999 ? DateTimeOffset.MaxValue : new DateTimeOffset((int)(month / 12), (int)(month % 12) + 1, 1, 0, 0, 0, TimeSpan.Zero);
    }

    public string GetName(long number)
    {
        var start = GetLocalStart(number);
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
