namespace Mlops.Tracking;

internal sealed partial class TrackerWriter : ISpoolObserver
{
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_timerResolution = TimeSpan.FromMilliseconds(1);

    private readonly TrackerTelemetry _telemetry;

    // Used by the passes only, one at a time, and by disposal after the last one.
    private volatile Spool? _spool;
    private volatile Exception? _storeFailure;
    private readonly List<TaskCompletionSource> _delivering = [];
    private TimeSpan _retryDelay;
    private long _triedAt;

    /// <summary>Sets where entries go while the store cannot be written, unless that is set; called before the first run.</summary>
    /// <returns>Where they go.</returns>
    public Spool UseSpool(Spool spool) => Interlocked.CompareExchange(ref _spool, spool, null) ?? spool;

    /// <summary>Delivers records that waited, in order, as far as it can.</summary>
    /// <param name="records">The records.</param>
    /// <param name="keep">Keeps what the store refuses, now and later.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>How many are done with, at least one.</returns>
    /// <exception cref="StorageException">The store cannot be written; the same records may be delivered again.</exception>
    public Task<int> DeliverAsync(IReadOnlyList<SpoolRecord> records, Action<IReadOnlyList<SpoolRecord>> keep, CancellationToken cancellationToken) => DeliverAsync(_store, records, keep, cancellationToken);

    /// <summary>Waits until what waits in its own file is delivered, for which the store is asked at once.</summary>
    /// <exception cref="StorageException">The store cannot be written.</exception>
    public Task DeliverSpoolAsync(CancellationToken cancellationToken)
    {
        lock (Gate)
        {
            if (_spool is null or { IsEmpty: true }) return Task.CompletedTask;
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waitingForDelivery.Add(waiter);
            Wake();
            return waiter.Task.WaitAsync(cancellationToken);
        }
    }

    public void OnAdopted(string path) => LogAdopted(path);

    public void OnDamaged(string path)
    {
        LogDamaged(path);
        _telemetry.OnDamaged();
    }

    public void OnUnreadable(string path, Exception error) => LogUnreadable(path, _mask.MaskText(error.Message));

    public void OnRefused(string path, int entries, long bytes)
    {
        LogRefusedKept(entries, path);
        _telemetry.OnRefusedKept(bytes);
    }

    public void OnRefusedDropped(string folder, int entries) => LogRefusedDropped(entries, folder);

    private async Task<int> DeliverAsync(StoreWriter store, IReadOnlyList<SpoolRecord> records, Action<IReadOnlyList<SpoolRecord>> keep, CancellationToken cancellationToken)
    {
        void OnRefused(Refusal refusal)
        {
            Refuse([refusal]);
            SpoolRecord[] kept = [.. refusal.Kept];
            if (kept.Length > 0) keep(kept);
        }

        var count = 0;
        try
        {
            while (count < records.Count)
            {
                MetricBatch[] batches = [.. records.Skip(count).TakeWhile(record => record.Batch is not null).Select(record => record.Batch!)];
                if (batches.Length > 0)
                {
                    var (done, refused) = await store.AppendAsync(batches, cancellationToken).ConfigureAwait(false);
                    foreach (var refusal in refused) OnRefused(refusal);
                    count += done;
                }
                else
                {
                    await store.UpdateAsync(records[count].RunId, records[count].Changes!, OnRefused, cancellationToken).ConfigureAwait(false);
                    count++;
                }
            }
        }
        catch (Exception error) when (count > 0 && error is not OperationCanceledException)
        {
            // What is delivered need not be again; the rest is asked for next, and tells why it cannot.
        }

        return count;
    }

    /// <summary>Tries to empty the spool, a piece at a time; what is logged meanwhile goes behind it.</summary>
    /// <returns>Whether entries may go to the store.</returns>
    private async Task<bool> TryDeliverSpoolAsync(bool isForced)
    {
        if (_spool is not { IsEmpty: false } spool) return true;
        if (!isForced && _storeFailure is not null && _retryDelay - _time.GetElapsedTime(_triedAt) is var left && left > TimeSpan.Zero)
        {
            // A timer may fire a little early, and then nothing else would come back to this.
            lock (Gate) ArmRetry(left + s_timerResolution);
            return false;
        }

        try
        {
            var waiting = spool.Waiting;
            var isEmpty = await spool.DeliverAsync((records, keep) => DeliverAsync(_probe, records, keep, CancellationToken.None)).ConfigureAwait(false);
            _telemetry.OnSpooled(spool.Waiting - waiting);
            OnStoreAvailable();
            lock (Gate)
            {
                if (isEmpty) _spooledEnds.Clear();
                else _wanted = !_disposed;
            }

            if (isEmpty) LogDelivered();
            return isEmpty;
        }
#pragma warning disable CA1031 // Whatever keeps the spool from being delivered is told, and tried again; the entries are safe.
        catch (Exception error)
#pragma warning restore CA1031
        {
            OnStoreUnavailable(error);
            return false;
        }
    }

    private void SpoolAll(List<BufferedRun> runs)
    {
        var (records, endings) = (new List<SpoolRecord>(), new List<(BufferedRun Run, RunEnding Ending)>());
        foreach (var run in runs.Where(run => run.BrokenBy is null))
        {
            records.AddRange(run.Pass.Batches.Select(SpoolRecord.Of));
            RunEnding? ending;
            lock (Gate)
            {
                ending = run.Pass.Ending is { IsWithdrawn: false } asked ? asked : null;
                if (ending is not null) ending.IsExecuting = true;
            }

            if (ending is not null) endings.Add((run, ending));
            records.AddRange(MakeUpdates(run, ending).Select(update => SpoolRecord.Of(run.Id, update)));
        }

        var (waiting, isWritten) = (_spool!.Waiting, false);
        try
        {
            _spool.Append(records);
            isWritten = true;
        }
        finally
        {
            lock (Gate)
            {
                foreach (var (run, ending) in endings)
                {
                    ending.IsExecuting = false;
                    if (!isWritten) continue;
                    run.HasEnded = ending.IsSpooled = true;
                    _spooledEnds.Add(run.Id);
                }
            }
        }

        _telemetry.OnSpooled(_spool.Waiting - waiting);
        foreach (var run in runs) Succeed(run);
    }

    // Within the gate, after a pass.
    private void ReleaseDelivering()
    {
        if (_delivering.Count == 0 || (_spool is { IsEmpty: false } && _storeFailure is null)) return;
        foreach (var waiter in _delivering)
        {
            if (_spool is { IsEmpty: false } && _storeFailure is { } failure) waiter.TrySetException(failure);
            else waiter.TrySetResult();
        }

        _delivering.Clear();
    }

    private void OnStoreAvailable()
    {
        if (_storeFailure is not null) LogStoreAvailable();
        _storeFailure = null;
    }

    private void OnStoreUnavailable(Exception error)
    {
        _retryDelay = _storeFailure is null ? Least(s_firstRetry, _options.Spool.RetryInterval) : Least(_retryDelay * 2, _options.Spool.RetryInterval);
        if (_storeFailure is null) LogStoreUnavailable(_mask.MaskText(error.ToString()));
        _storeFailure = error;
        _triedAt = _time.GetTimestamp();
        lock (Gate) ArmRetry(_retryDelay);
    }

    private void ArmRetry(TimeSpan delay)
    {
        if (!_disposed) _retryTimer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private async Task CloseSpoolAsync()
    {
        if (_spool is null) return;
        try
        {
            // A last attempt, of a process that goes; what remains is delivered by the next one.
            using var timeout = new CancellationTokenSource(_options.Spool.DisposeTimeout, _time);
            while (!_spool.IsEmpty)
            {
                timeout.Token.ThrowIfCancellationRequested();
                await _spool.DeliverAsync((records, keep) => DeliverAsync(_probe, records, keep, timeout.Token)).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // The entries are safe in the file.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogLeftInSpool(_spool.Waiting, _mask.MaskText(error.Message));
        }

        _spool.Dispose();
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
