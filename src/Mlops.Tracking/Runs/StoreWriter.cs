namespace Mlops.Tracking;

/// <summary>Writes to the stores what runs have logged, and keeps what one run is refused from the others. Safe for concurrent use.</summary>
/// <param name="runs">Keeps the runs.</param>
/// <param name="metrics">Keeps the metrics.</param>
/// <param name="time">The clock.</param>
/// <param name="retryDuration">For how long a write that fails for a passing reason is repeated.</param>
/// <param name="onRetry">Told of each failure that is followed by another attempt.</param>
internal sealed class StoreWriter(IRunStore runs, IMetricAppender metrics, TimeProvider time, TimeSpan retryDuration, Action<Exception> onRetry)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(5);

    /// <summary>Appends the batches of all runs at once; where a run is refused, run by run.</summary>
    /// <returns>What was refused.</returns>
    /// <exception cref="StorageException">The store cannot be written; the same batches may be appended again.</exception>
    public async Task<IReadOnlyList<Refusal>> AppendAsync(IReadOnlyList<MetricBatch> batches)
    {
        if (batches.Count == 0) return [];
        try
        {
            await RetryAsync(_ => metrics.AppendAsync(batches)).ConfigureAwait(false);
            return [];
        }
        catch (Exception error) when (IsOfOneRun(error))
        {
            var groups = batches.GroupBy(batch => batch.RunId).ToArray();
            if (groups.Length == 1) return [new Refusal(groups[0].Key, error, batches.Sum(batch => batch.Metrics.Length), IsFinal: true)];
            var refused = new List<Refusal>();
            foreach (var group in groups) refused.AddRange(await AppendAsync([.. group]).ConfigureAwait(false));
            return refused;
        }
    }

    /// <summary>Changes a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="changes">What to change. A param that has another value already is left out, and with <paramref name="endsAnyway"/> unset the end as well.</param>
    /// <param name="endsAnyway">Whether the run ends although something was refused: nobody is there to decide otherwise.</param>
    /// <returns>What was refused.</returns>
    /// <exception cref="StorageException">The store cannot be written; the same changes may be made again.</exception>
    public async Task<IReadOnlyList<Refusal>> UpdateAsync(string runId, RunChanges changes, bool endsAnyway)
    {
        var attempts = 0;
        try
        {
            await RetryAsync(attempt =>
            {
                attempts = attempt;
                return runs.UpdateRunAsync(runId, changes);
            }).ConfigureAwait(false);
            return [];
        }
        catch (EntityConflictException error) when (error.Kind == "param")
        {
            return await UpdateOneByOneAsync(runId, changes, endsAnyway).ConfigureAwait(false);
        }
        catch (RunFinishedException error) when (changes.End is { } end)
        {
            // The attempt that seemed to fail may have succeeded.
            if (attempts > 1 && await HasEndedSoAsync(runId, end).ConfigureAwait(false)) return [];
            // Somebody took this process for dead and ended the run; what was logged is taken nevertheless.
            var rest = changes with { End = null };
            var refused = CountOf(rest) > 0 ? await UpdateAsync(runId, rest, endsAnyway).ConfigureAwait(false) : [];
            return [new Refusal(runId, error, 0, IsFinal: true), .. refused];
        }
        catch (Exception error) when (IsOfOneRun(error))
        {
            return [new Refusal(runId, error, CountOf(changes), IsFinal: true)];
        }
    }

    public static int CountOf(RunChanges changes) => changes.Params.Count + changes.Tags.Count + changes.RemovedTags.Count + changes.Inputs.Count + (changes.Name is null ? 0 : 1);

    // An argument that the store refuses it will refuse again; everything else may pass.
    private static bool IsOfOneRun(Exception error) => error is (MlopsException and not StorageException) or ArgumentException;

    private async Task<IReadOnlyList<Refusal>> UpdateOneByOneAsync(string runId, RunChanges changes, bool endsAnyway)
    {
        var refused = new List<Refusal>();
        await RetryAsync(_ => runs.UpdateRunAsync(runId, changes with { Params = [], End = null })).ConfigureAwait(false);
        foreach (var param in changes.Params)
        {
            try
            {
                await RetryAsync(_ => runs.UpdateRunAsync(runId, new RunChanges { Params = [param] })).ConfigureAwait(false);
            }
            catch (EntityConflictException error)
            {
                refused.Add(new Refusal(runId, error, 1, IsFinal: false));
            }
        }

        if (changes.End is not null && (endsAnyway || refused.Count == 0))
            refused.AddRange(await UpdateAsync(runId, new RunChanges { End = changes.End }, endsAnyway).ConfigureAwait(false));
        return refused;
    }

    private async Task<bool> HasEndedSoAsync(string runId, RunEnd end)
        => await runs.FindRunAsync(runId).ConfigureAwait(false) is { } run && run.Status == end.Status && run.EndTime == end.Time;

    private async Task RetryAsync(Func<int, Task> write)
    {
        var (start, delay) = (time.GetTimestamp(), s_firstDelay);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await write(attempt).ConfigureAwait(false);
                return;
            }
            catch (MlopsException error) when (error.IsTransient && time.GetElapsedTime(start) + delay <= retryDuration)
            {
                onRetry(error);
            }

            await Task.Delay(delay, time).ConfigureAwait(false);
            delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
        }
    }
}
