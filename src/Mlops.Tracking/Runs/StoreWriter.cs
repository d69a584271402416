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

    /// <summary>Appends batches, from the first on: all at once; where something is refused, handle by handle; and batch by batch where a batch is what is refused.</summary>
    /// <returns>How many are done with, at least one, and what of them was refused. Behind a batch that is refused nothing is appended, because a later number would make it seem known:
    /// what becomes of it is to be settled before the rest is appended.</returns>
    /// <exception cref="StorageException">The store cannot be written; the same batches may be appended again.</exception>
    public async Task<(int Count, IReadOnlyList<Refusal> Refused)> AppendAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken = default)
    {
        if (batches.Count == 0) return (0, []);
        try
        {
            await RetryAsync(() => metrics.AppendAsync(batches, cancellationToken), cancellationToken).ConfigureAwait(false);
            return (batches.Count, []);
        }
        catch (Exception error) when (IsOfRun(error) || IsOfContent(error))
        {
            var groups = batches.GroupBy(batch => (batch.RunId, batch.WriterId)).ToArray();
            if (groups.Length == 1 && (IsOfRun(error) || batches.Count == 1))
                return (batches.Count, [new Refusal(groups[0].Key.RunId, error, [.. batches.Select(SpoolRecord.Of)], IsOfRun(error))]);
            // What is refused of a handle for good has no later numbers, so the others may be appended in any order.
            return (IsOfRun(error) ? await AppendGroupsAsync(groups, cancellationToken).ConfigureAwait(false) : null) ?? await AppendInOrderAsync(batches, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Changes a run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="changes">What to change. What is refused is left out, a param that has another value already as much as what the store cannot keep; the rest is changed, and the run ends all the same.</param>
    /// <param name="onRefused">Told what is refused, at once: when it returns, that is settled, and the store knows the number of it as if it were made, so that it is not told again.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that completes when everything is made or refused.</returns>
    /// <exception cref="StorageException">The store cannot be written; the same changes may be made again.</exception>
    public async Task UpdateAsync(string runId, RunChanges changes, Action<Refusal> onRefused, CancellationToken cancellationToken = default)
    {
        try
        {
            // What seemed to fail may have succeeded; changes that have an origin are made once all the same.
            await RetryAsync(() => runs.UpdateRunAsync(runId, changes, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (RunFinishedException error) when (changes.End is not null)
        {
            // Somebody else ended the run, for an end of ours would be known; what may be changed of one that has ended is changed nevertheless.
            var end = changes;
            if (changes.Halve() is var (rest, last))
            {
                end = last;
                await UpdateAsync(runId, rest, onRefused, cancellationToken).ConfigureAwait(false);
            }

            onRefused(new Refusal(runId, error, [SpoolRecord.Of(runId, end)], IsFinal: true));
        }
        catch (Exception error) when (IsOfContent(error) && changes.Halve() is not null)
        {
            var (first, second) = changes.Halve()!.Value;
            await UpdateAsync(runId, first, onRefused, cancellationToken).ConfigureAwait(false);
            await UpdateAsync(runId, second, onRefused, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfRun(error) || IsOfContent(error))
        {
            RunChanges[] parts = changes.End is not null && changes.Halve() is var (entries, end) ? [entries, end] : [changes];
            onRefused(new Refusal(runId, error, [.. parts.Select(part => SpoolRecord.Of(runId, part))], IsOfRun(error) || changes.End is not null));
            if (IsOfContent(error) && changes.Origin is { } origin && !SpoolRecord.IsLeftBehind(origin))
                await RetryAsync(() => runs.UpdateRunAsync(runId, new RunChanges { Origin = origin }, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    // Null where a batch is what is refused, or the store fails: then it is known who had which refusals only in order.
    private async Task<(int Count, IReadOnlyList<Refusal> Refused)?> AppendGroupsAsync(IReadOnlyList<IEnumerable<MetricBatch>> groups, CancellationToken cancellationToken)
    {
        var (count, refused) = (0, new List<Refusal>());
        foreach (var group in groups)
        {
            MetricBatch[] batches = [.. group];
            try
            {
                await RetryAsync(() => metrics.AppendAsync(batches, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (IsOfRun(error))
            {
                refused.Add(new Refusal(batches[0].RunId, error, [.. batches.Select(SpoolRecord.Of)], IsFinal: true));
            }
            catch (Exception error) when (IsOfContent(error))
            {
                return null;
            }

            count += batches.Length;
        }

        return (count, refused);
    }

    private async Task<(int Count, IReadOnlyList<Refusal> Refused)> AppendInOrderAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken)
    {
        var (count, refused) = (0, new List<Refusal>());
        try
        {
            while (count < batches.Count && !refused.Exists(refusal => !refusal.IsFinal))
            {
                refused.AddRange((await AppendAsync([batches[count]], cancellationToken).ConfigureAwait(false)).Refused);
                count++;
            }
        }
        catch (Exception error) when (count > 0 && error is not OperationCanceledException)
        {
            // What is done need not be again; the rest is asked for next, and tells why it cannot.
        }

        return (count, refused);
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
