namespace Mlops.Tracking;

/// <summary>Checks the durations that timers are given.</summary>
internal static class TimerRange
{
    /// <summary>Gets the most: the whole days of 2³² − 2 milliseconds, which is what timers of .NET take.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(49);

    /// <exception cref="ArgumentOutOfRangeException">It is less than the least, or more than a timer takes.</exception>
    public static void Check(TimeSpan value, TimeSpan least, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Longest, name);
    }
}
