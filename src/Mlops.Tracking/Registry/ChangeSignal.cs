namespace Mlops.Tracking;

/// <summary>Wakes all that wait for a change within this process. Safe for concurrent use.</summary>
internal sealed class ChangeSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets the task that completes with the next change. Take it before looking, so that no change falls between.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Pulse()
        => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
