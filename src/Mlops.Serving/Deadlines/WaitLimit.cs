namespace Mlops.Serving;

/// <summary>How long a wait can be: timers count milliseconds in 32 bits, and refuse what is longer.</summary>
internal static class WaitLimit
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(49);
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(1);

    /// <summary>Gives the longest wait that there is for one that is longer.</summary>
    public static TimeSpan Clamp(TimeSpan wait) => wait < s_longest ? wait : s_longest;

    /// <summary>Checks an option that says how long to wait between two attempts. Zero is for attempts that end by themselves: a loop without a wait would keep a processor busy.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A timer cannot wait so long, or it is no wait.</exception>
    public static void CheckInterval(TimeSpan interval, string option, bool isZeroAllowed = false)
    {
        if (!IsWait(interval, isZeroAllowed)) throw new ArgumentOutOfRangeException(option, interval, $"{RangeOf(option, isZeroAllowed)}.");
    }

    /// <summary>Checks an option that says how long to wait for something, or that there is no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A timer cannot wait so long, or it is no wait.</exception>
    public static void CheckTimeout(TimeSpan timeout, string option, bool isZeroAllowed = false)
    {
        if (timeout != Timeout.InfiniteTimeSpan && !IsWait(timeout, isZeroAllowed))
            throw new ArgumentOutOfRangeException(option, timeout, $"{RangeOf(option, isZeroAllowed)}; for no limit, set it to {nameof(Timeout)}.{nameof(Timeout.InfiniteTimeSpan)}.");
    }

    private static bool IsWait(TimeSpan time, bool isZeroAllowed) => (time >= s_shortest && time <= s_longest) || (isZeroAllowed && time == TimeSpan.Zero);

    private static string RangeOf(string option, bool isZeroAllowed) => $"{option} is from 1 millisecond{(isZeroAllowed ? ", or 0," : "")} to 49 days, which is as long as a timer waits";
}
