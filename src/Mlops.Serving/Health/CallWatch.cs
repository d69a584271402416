namespace Mlops.Serving;

/// <summary>Where the calls of a generation are known that are running: its batching, or else the list of its calls; neither where none are watched.</summary>
internal readonly record struct CallWatch(BatchingPredictor? Batching = null, RunningCalls? Calls = null)
{
    /// <summary>Gets what completes when no call uses the model any more, after its predictor was disposed.</summary>
    public Task Disposal => Batching?.Disposal ?? Task.CompletedTask;

    /// <summary>Gets whether a call is running though nobody may wait for it: only batches go on without their callers.</summary>
    public bool IsRunning => Batching?.GetStatus() is { BusyWorkers: > 0 } or { HangingWorkers: > 0 };

    /// <summary>Looks for calls that hang.</summary>
    /// <returns>How many do, and for how long the oldest call has been running, at least.</returns>
    public (int Hanging, TimeSpan Longest) Measure()
    {
        if (Batching is null) return Calls?.Measure() ?? default;
        var status = Batching.GetStatus();
        return (status.HangingWorkers, status.LongestRun);
    }
}
