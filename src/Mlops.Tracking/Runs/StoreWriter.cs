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

    /// <summary>Appends the batches of all runs at once; where something is refused, run by run, and batch by batch where a batch is what is refused.</summary>
    /// <returns>What was refused.</returns>
    /// <exception cref="StorageException">The store cannot be written; the same batches may be appended again.</exception>
    public async Task<IReadOnlyList<Refusal>> AppendAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken = default)
    {
        if (batches.Count == 0) return [];
        try
        {
            await RetryAsync(_ => metrics.AppendAsync(batches, cancellationToken), cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (Exception error) when (IsOfRun(error) || IsOfContent(error))
        {
            var groups = batches.GroupBy(batch => batch.RunId).ToArray();
            var parts = groups.Length > 1 ? groups.Select(group => group.ToArray()).ToArray() : IsOfContent(error) && batches.Count > 1 ? [.. batches.Chunk(1)] : [];
            if (parts.Length == 0) return [new Refusal(groups[0].Key, error, [.. batches.Select(SpoolRecord.Of)], IsOfRun(error))];
            var refused = new List<Refusal>();
            foreach (var part in parts) refused.AddRange(await AppendAsync(part, cancellationToken).ConfigureAwait(false));
            return refused;
        }
    }

    /// <summary>Changes a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="changes">What to change. What is refused is left out, a param that has another value already as much as what the store cannot keep; the rest is changed, and the run ends all the same.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What was refused.</returns>
    /// <exception cref="StorageException">The store cannot be written; the same changes may be made again.</exception>
    public async Task<IReadOnlyList<Refusal>> UpdateAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default)
    {
        var attempts = 0;
        try
        {
            await RetryAsync(
                attempt =>
                {
                    attempts = attempt;
                    return runs.UpdateRunAsync(runId, changes, cancellationToken);
                },
                cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (RunFinishedException error) when (changes.End is { } end)
        {
            // The attempt that seemed to fail may have succeeded.
            if (attempts > 1 && await HasEndedSoAsync(runId, end, cancellationToken).ConfigureAwait(false)) return [];
            // Somebody took this process for dead and ended the run; what was logged is taken nevertheless.
            var rest = changes with { End = null };
            var refused = rest.Count() > 0 ? await UpdateAsync(runId, rest, cancellationToken).ConfigureAwait(false) : [];
            return [new Refusal(runId, error, [SpoolRecord.Of(runId, new RunChanges { End = end })], IsFinal: true), .. refused];
        }
        catch (Exception error) when (IsOfContent(error) && changes.Halve() is not null)
        {
            var (first, second) = changes.Halve()!.Value;
            var refused = await UpdateAsync(runId, first, cancellationToken).ConfigureAwait(false);
            return [.. refused, .. await UpdateAsync(runId, second, cancellationToken).ConfigureAwait(false)];
        }
        catch (Exception error) when (IsOfRun(error) || IsOfContent(error))
        {
            return [new Refusal(runId, error, [SpoolRecord.Of(runId, changes)], IsOfRun(error) || changes.End is not null)];
        }
    }

    // The run takes nothing any more.
    private static bool IsOfRun(Exception error) => error is MlopsException { IsTransient: false } and not StorageException && !IsOfContent(error);

    // What is refused once is refused again, and what is beside it is not. Everything else may pass.
    private static bool IsOfContent(Exception error) => error is EntityConflictException { Kind: "param" } or StorageException { IsContentRefused: true }
        or ArgumentException or FormatException or ArithmeticException or InvalidCastException or InvalidDataException or NotSupportedException;

    private async Task<bool> HasEndedSoAsync(string runId, RunEnd end, CancellationToken cancellationToken)
        => await runs.FindRunAsync(runId, cancellationToken).ConfigureAwait(false) is { } run && run.Status == end.Status && run.EndTime == end.Time;

    private async Task RetryAsync(Func<int, Task> write, CancellationToken cancellationToken)
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

            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
        }
    }
}
