namespace Mlops.Serving;

/// <summary>Whether loads of other models wait for a model. Safe for concurrent use.</summary>
internal sealed class LoadNeed
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _needed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>Completes when a load waits; asked again when none does any more.</summary>
    public Task Needed
    {
        get
        {
            lock (_lock) return _needed.Task;
        }
    }

    /// <summary>Notes that the caller waits, if it is part of a load.</summary>
    /// <returns>Is disposed when it waits no more.</returns>
    public Waiter Wait()
    {
        if (LoadPlace.Current is null) return default;
        lock (_lock)
        {
            _waiting++;
            _needed.TrySetResult();
        }

        return new Waiter(this);
    }

    private void End()
    {
        lock (_lock)
        {
            if (--_waiting == 0) _needed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public readonly struct Waiter(LoadNeed? need) : IDisposable
    {
        public void Dispose() => need?.End();
    }
}
