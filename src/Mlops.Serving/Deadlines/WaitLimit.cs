namespace Mlops.Serving;

/// <summary>How long a wait can be: timers count milliseconds in 32 bits, and refuse what is longer.</summary>
internal static class WaitLimit
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(49);

    /// <summary>Gives the longest wait that there is for one that is longer.</summary>
    public static TimeSpan Clamp(TimeSpan wait) => wait < s_longest ? wait : s_longest;
}
