namespace Mlops.Monitoring;

/// <summary>A period of the calendar, in UTC or, from a day on, in a zone of choice.</summary>
public enum ChunkPeriod
{
    /// <summary>An hour.</summary>
    Hour,

    /// <summary>A day.</summary>
    Day,

    /// <summary>A week, from Monday on.</summary>
    Week,

    /// <summary>A month.</summary>
    Month,

    /// <summary>A quarter of a year: from January, April, July or October on.</summary>
    Quarter,

    /// <summary>A year.</summary>
    Year,
}
