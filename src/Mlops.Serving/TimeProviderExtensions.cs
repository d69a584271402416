namespace Mlops.Serving;

/// <summary>Timers that outlive the call that makes them.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>Creates a timer that does not keep the ambient values of the call that makes it, such as its trace.</summary>
    public static ITimer CreateDetachedTimer(this TimeProvider time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        using (ExecutionContext.SuppressFlow()) return time.CreateTimer(callback, state, dueTime, period);
    }
}
