namespace Mlops.Tracking;

internal sealed partial class BufferedRun
{
    private void WakeFromTimer()
    {
        lock (_gate)
        {
            _armed = false;
            if (!_ended) Wake();
        }
    }

    // Within the gate.
    private void Wake()
    {
        _wanted = true;
        if (_draining) return;
        _draining = true;
        // Without the caller's execution context: what is written later does not belong to its activity.
        ThreadPool.UnsafeQueueUserWorkItem(static run => _ = run.DrainAsync(), this, preferLocal: false);
    }

    private async Task DrainAsync()
    {
        while (TakePass() is { } pass)
        {
            try
            {
                await WriteAsync(pass).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The one place where the background writer may fail: the failure is kept for the next flush, completion or disposal.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Fail(error);
                return;
            }

            Succeed(pass);
        }
    }

    private RunBuffer? TakePass()
    {
        lock (_gate)
        {
            if (_wanted && _pass is null && _buffer.Count > 0)
            {
                _pass = _buffer;
                _pass.LastEntry = _logged;
                _buffer = _spare ?? new RunBuffer();
                _spare = null;
            }

            if (!_wanted || _pass is null || _endedElsewhere is not null) _draining = false;
            _wanted = false;
            return _draining ? _pass : null;
        }
    }

    private async Task WriteAsync(RunBuffer pass)
    {
        if (pass.ChangeCount > 0)
        {
            var changes = pass.TakeChanges();
            try
            {
                await RetryAsync(() => _runs.UpdateRunAsync(Id, changes), CancellationToken.None).ConfigureAwait(false);
            }
            catch (EntityConflictException)
            {
                await WriteOneByOneAsync(changes).ConfigureAwait(false);
            }

            var count = pass.ChangeCount;
            pass.ForgetChanges();
            MakeRoom(count);
        }

        while (pass.NextMetrics(_options.MaxBatchSize) is { IsEmpty: false } metrics)
        {
            var batch = new MetricBatch(Id, _writerId, _sequence + 1, metrics);
            await RetryAsync(() => _appender.AppendAsync(batch), CancellationToken.None).ConfigureAwait(false);
            _sequence++;
            pass.ForgetMetrics(metrics.Length);
            MakeRoom(metrics.Length);
        }
    }

    // Another handle has logged one of the params with another value: that one is refused, the rest is kept.
    private async Task WriteOneByOneAsync(RunChanges changes)
    {
        await RetryAsync(() => _runs.UpdateRunAsync(Id, changes with { Params = [] }), CancellationToken.None).ConfigureAwait(false);
        foreach (var param in changes.Params)
        {
            try
            {
                await RetryAsync(() => _runs.UpdateRunAsync(Id, new RunChanges { Params = [param] }), CancellationToken.None).ConfigureAwait(false);
            }
            catch (EntityConflictException error)
            {
                LogRefused(error, Id);
                lock (_gate) _refused.Add(error);
            }
        }
    }

    private async Task RetryAsync(Func<Task> write, CancellationToken cancellationToken)
    {
        var (start, delay) = (_time.GetTimestamp(), s_firstDelay);
        while (true)
        {
            try
            {
                await write().ConfigureAwait(false);
                return;
            }
            catch (MlopsException error) when (error.IsTransient && _time.GetElapsedTime(start) + delay <= _options.RetryDuration)
            {
                LogRetry(error, Id);
            }

            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
            delay = delay * 2 < s_longestDelay ? delay * 2 : s_longestDelay;
        }
    }

    private void MakeRoom(int count)
    {
        lock (_gate)
        {
            _outstanding -= count;
            Monitor.PulseAll(_gate);
        }
    }

    private void Succeed(RunBuffer pass)
    {
        lock (_gate)
        {
            _durable = pass.LastEntry;
            (_failure, _failureReported) = (null, false);
            pass.Clear();
            (_pass, _spare) = (null, pass);
            foreach (var waiter in _waiters.Where(waiter => waiter.Target <= _durable)) waiter.TrySetResult();
            _waiters.RemoveAll(waiter => waiter.Target <= _durable);
        }
    }

    private void Fail(Exception error)
    {
        lock (_gate)
        {
            _draining = false;
            _failure = error;
            _failureReported = _waiters.Count > 0;
            _endedElsewhere = error as RunFinishedException;
            foreach (var waiter in _waiters) waiter.TrySetException(error);
            _waiters.Clear();
            Monitor.PulseAll(_gate);
            // The pass is kept and tried again: by the next flush, or by itself after a while.
            if (!_ended && _endedElsewhere is null)
            {
                _armed = true;
                _timer.Change(s_longestDelay, Timeout.InfiniteTimeSpan);
            }
        }

        LogWriteFailed(error, Id);
    }
}
