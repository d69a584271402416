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
            await RetryAsync(() => metrics.AppendAsync(batches, cancellationToken), cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (Exception error) when (IsOfRun(error) || IsOfContent(error))
        {
            var groups = batches.GroupBy(batch => (batch.RunId, batch.WriterId)).ToArray();
            var parts = groups.Length > 1 ? groups.Select(group => group.ToArray()).ToArray() : IsOfContent(error) && batches.Count > 1 ? [.. batches.Chunk(1)] : [];
            if (parts.Length == 0) return [new Refusal(groups[0].Key.RunId, error, [.. batches.Select(SpoolRecord.Of)], IsOfRun(error))];
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
        try
        {
            // What seemed to fail may have succeeded; changes that have an origin are made once all the same.
            await RetryAsync(() => runs.UpdateRunAsync(runId, changes, cancellationToken), cancellationToken).ConfigureAwait(false);
            return [];
        }
        catch (RunFinishedException error) when (changes.End is { } end)
        {
            // Somebody else ended the run; what may be changed of one that has ended is changed nevertheless.
            var rest = changes with { End = null, Origin = changes.Origin?.Of(1) };
            var refused = rest.Count() > 0 ? await UpdateAsync(runId, rest, cancellationToken).ConfigureAwait(false) : [];
            return [new Refusal(runId, error, [SpoolRecord.Of(runId, new RunChanges { End = end, Origin = changes.Origin?.Of(2), Holder = changes.Holder })], IsFinal: true), .. refused];
        }
        catch (Exception error) when (IsOfContent(error) && changes.Halve() is not null)
        {
            var (first, second) = changes.Halve()!.Value;
            var refused = await UpdateAsync(runId, first, cancellationToken).ConfigureAwait(false);
            return [.. refused, .. await UpdateAsync(runId, second, cancellationToken).ConfigureAwait(false)];
        }
        catch (Exception error) when (IsOfRun(error) || IsOfContent(error))
        {
            RunChanges[] parts = changes.End is not null && changes.Halve() is var (entries, end) ? [entries, end] : [changes];
            return [new Refusal(runId, error, [.. parts.Select(part => SpoolRecord.Of(runId, part))], IsOfRun(error) || changes.End is not null)];
        }
    }

    // The run takes nothing any more.
    private static bool IsOfRun(Exception error) => error is MlopsException { IsTransient: false } and not StorageException && !IsOfContent(error);

    // What is refused once is refused again, and what is beside it is not. Everything else may pass.
    private static bool IsOfContent(Exception error) => error is EntityConflictException { Kind: "param" } or StorageException { IsContentRefused: true }
        or ArgumentException or FormatException or ArithmeticException or InvalidCastException or InvalidDataException or NotSupportedException;

    private async Task RetryAsync(Func<Task> write, CancellationToken cancellationToken)
    {
        var (start, delay) = (time.GetTimestamp(), s_firstDelay);
        while (true)
        {
            try
            {
                await write().ConfigureAwait(false);
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
