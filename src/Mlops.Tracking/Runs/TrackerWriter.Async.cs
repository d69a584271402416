using System.Runtime.ExceptionServices;

namespace Mlops.Tracking;

internal sealed partial class TrackerWriter
{
    private async Task DrainAsync()
    {
        while (TakePass() is { } runs)
        {
            try
            {
                await WriteOrSpoolAsync(runs).ConfigureAwait(false);
                EndPass(isWritten: true);
            }
#pragma warning disable CA1031 // The one place where the background writer may fail: the failure is kept for the next flush, completion or disposal.
            catch (Exception error)
#pragma warning restore CA1031
            {
                EndFailed(runs, error);
            }
        }
    }

    private void EndFailed(List<BufferedRun> runs, Exception error)
    {
        try
        {
            Fail(runs, error);
        }
        finally
        {
            EndPass(isWritten: false);
        }
    }

    private void EndPass(bool isWritten)
    {
        lock (Gate)
        {
            foreach (var run in _passing.Where(run => !_runs.Contains(run))) Forget(run);
            _passing = [];
            ReleaseDelivering();
            // What partly filled segments reserve is not given back before they are full; then waiting would never end.
            if (isWritten) ReleaseWaiters(force: _reserved >= _options.BufferCapacity);
        }
    }

    private List<BufferedRun>? TakePass()
    {
        lock (Gate)
        {
            _draining = _wanted;
            if (!_wanted)
            {
                _idle?.TrySetResult();
                return null;
            }

            _wanted = false;
            _armed = false;
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Interlocked.MemoryBarrierProcessWide();
            _unwritten = 0;
            _delivering.AddRange(_waitingForDelivery);
            _waitingForDelivery.Clear();
            var runs = new List<BufferedRun>();
            foreach (var run in _runs)
            {
                _reserved -= run.Collect(_options.MaxBatchSize);
                if (!run.Pass.IsEmpty) runs.Add(run);
            }

            return _passing = runs;
        }
    }

    private async Task WriteOrSpoolAsync(List<BufferedRun> runs)
    {
        if (!await TryDeliverSpoolAsync(isForced: _delivering.Count > 0).ConfigureAwait(false))
        {
            StorageException full;
            try
            {
                SpoolAll(runs);
                return;
            }
            catch (StorageException error)
            {
                full = error;
            }

            // No room: then the store is asked at once whether it is back.
            while (!await TryDeliverSpoolAsync(isForced: true).ConfigureAwait(false))
            {
                if (_storeFailure is not null) ExceptionDispatchInfo.Throw(full);
            }
        }

        try
        {
            await WriteAsync(runs).ConfigureAwait(false);
            OnStoreAvailable();
        }
        catch (Exception error) when (_spool is not null && error is not EntityConflictException)
        {
            OnStoreUnavailable(error);
            SpoolAll(runs);
        }
    }

    private async Task WriteAsync(List<BufferedRun> runs)
    {
        var batches = new List<MetricBatch>();
        foreach (var run in runs) batches.AddRange(run.Pass.Batches);
        for (var count = 0; count < batches.Count;)
        {
            var (done, refused) = await _store.AppendAsync(count == 0 ? batches : batches.GetRange(count, batches.Count - count)).ConfigureAwait(false);
            // Told before anything behind it is appended; should the rest fail, it is not written once more.
            Refuse(refused);
            lock (Gate) ForgetBatches(runs, done);
            count += done;
        }

        lock (Gate)
        {
            foreach (var run in runs) ForgetBatches(run);
        }

        foreach (var run in runs.Where(run => !run.Pass.HasChanges && run.Pass.Ending is null)) Succeed(run);
        // Each run's changes are a transaction of their own; stores that can write several at once do.
        foreach (var some in runs.Where(run => !run.Pass.IsEmpty).Chunk(8)) await Task.WhenAll(some.Select(UpdateAsync)).ConfigureAwait(false);
        lock (Gate) _lastWrittenAt = _time.GetUtcNow();
    }

    private async Task UpdateAsync(BufferedRun run)
    {
        RunEnding? ending;
        lock (Gate)
        {
            ending = run.Pass.Ending is { IsWithdrawn: false } asked && run.BrokenBy is null ? asked : null;
            if (ending is not null) ending.IsExecuting = true;
        }

        try
        {
            foreach (var update in MakeUpdates(run, ending))
            {
                if (run.BrokenBy is null) await _store.UpdateAsync(run.Id, update, refusal => Refuse([refusal])).ConfigureAwait(false);
                lock (Gate)
                {
                    // It ends although something else was refused, which whoever completes it is told. Where the end is refused, or all of it, the run is broken.
                    run.HasEnded |= update.End is not null && run.BrokenBy is null;
                    ForgetUpdate(run);
                }
            }
        }
        finally
        {
            lock (Gate) if (ending is not null) ending.IsExecuting = false;
        }

        Succeed(run);
    }

    private IReadOnlyList<RunChanges> MakeUpdates(BufferedRun run, RunEnding? ending)
    {
        lock (Gate) return run.BrokenBy is null ? run.Pass.MakeUpdates(ending, run.Sign) : [];
    }

    private void ForgetUpdate(BufferedRun run)
    {
        var (count, bytes) = run.Pass.ForgetUpdate();
        _reserved -= count;
        _reservedBytes -= bytes;
    }

    /// <summary>What the store does not take is lost, which the next flush, completion or disposal of the handle that logged it tells; another handle of the run has nothing to do with it.</summary>
    private void Refuse(IReadOnlyList<Refusal> refusals)
    {
        foreach (var refusal in refusals)
        {
            lock (Gate)
            {
                _runs.FirstOrDefault(run => run.WriterId == refusal.Holder)?.Refuse(refusal);
                _refusedEntries += refusal.Entries;
            }

            _refused.Note(refusal);
            _telemetry.OnRefused(refusal);
            LogRefused(refusal.RunId, refusal.Entries, _mask.MaskText(refusal.Error.Message));
        }
    }

    private static void ForgetBatches(List<BufferedRun> runs, int count)
    {
        foreach (var run in runs)
        {
            var done = Math.Min(count, run.Pass.Batches.Count);
            run.Pass.Batches.RemoveRange(0, done);
            count -= done;
        }
    }

    private void ForgetBatches(BufferedRun run)
    {
        run.Pass.Batches.Clear();
        foreach (var segment in run.Pass.Segments) Release(segment);
        run.Pass.Segments.Clear();
    }

    private void Succeed(BufferedRun run)
    {
        lock (Gate)
        {
            ForgetBatches(run);
            _reserved -= run.Pass.ChangeCount;
            _reservedBytes -= run.Pass.ChangeBytes;
            run.Pass.ForgetChanges();
            run.OnPassOver();
            foreach (var waiter in run.Pass.Waiters)
            {
                if (run.BrokenBy is { } broken) run.IsBrokenTold |= waiter.TrySetException(broken);
                else waiter.TrySetResult();
            }

            run.Pass.Waiters.Clear();
            _failure = null;
            run.ToldEntries = null;
            if (_reserved < _options.BufferCapacity) ReleaseWaiters(force: false);
        }
    }

    private void Fail(List<BufferedRun> runs, Exception error)
    {
        lock (Gate)
        {
            _failure = error;
            foreach (var run in runs)
            {
                run.OnPassOver();
                // Who has given up waiting hears nothing of it.
                var isTold = false;
                foreach (var waiter in run.Pass.Waiters) isTold |= waiter.TrySetException(error);
                run.ToldEntries = isTold ? run.CountLogged() : run.ToldEntries;
                run.Pass.Waiters.Clear();
            }

            ReleaseWaiters(force: false);
            // What is taken stays as it is and is tried again: by the next flush, or by itself after a while.
            if (!_disposed) _retryTimer.Change(s_retryAfterFailure, Timeout.InfiniteTimeSpan);
        }

        LogWriteFailed(runs.Count, _mask.MaskText(error.ToString()));
    }
}
