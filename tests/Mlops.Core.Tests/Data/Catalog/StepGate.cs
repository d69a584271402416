namespace Mlops.Core.Tests.Data.Catalog;

/// <summary>Counts what one actor does with its stores; at a step the actor can be stopped for a while, or for ever as when its process is killed.</summary>
internal sealed class StepGate(int pauseAt = int.MaxValue, int killAt = int.MaxValue, Func<Task>? turn = null)
{
    private readonly TaskCompletionSource _paused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _steps;

    public int Steps => _steps;

    /// <summary>Completes when the actor stands still, before its step.</summary>
    public Task Paused => _paused.Task;

    public void Resume() => _resumed.TrySetResult();

    public async Task StepAsync()
    {
        var step = Interlocked.Increment(ref _steps);
        // A killed process does nothing more, not even clean up.
        if (step >= killAt) throw new KilledException();
        if (turn is not null) await turn();
        if (step != pauseAt) return;
        _paused.TrySetResult();
        await _resumed.Task;
    }
}

internal sealed class KilledException : Exception;
