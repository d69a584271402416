namespace Mlops.Serving;

/// <summary>The timer of the scheduler: for deadlines, workers that hang, and workers that wait for more rows. All of it under the lock.</summary>
internal sealed partial class BatchScheduler
{
    private ITimer? _timer;
    private long _alarm = long.MaxValue;
    private long _waitsUntil;

    /// <summary>How many workers may run that do not hang. As many that hang are replaced as there are workers, because each keeps a thread; the others' places are taken.</summary>
    private int Places => _options.WorkerCount - Math.Max(0, _hanging - _options.WorkerCount);

    /// <summary>Ends a wait for more rows that has brought them, whose time is up, or for which nothing waits any more.</summary>
    private bool TryEndWait(long now)
    {
        if (_wait is null or { Target: 0 } || (_queue.Rows > 0 && _queue.Rows < _wait.Target && now < _waitsUntil && !_isClosed)) return false;
        _wait.End(_queue.Rows, SecondsOf(now), RowLimit(), _service);
        return true;
    }

    /// <summary>Whether a worker that could begin waits for more rows; begins the wait, if that pays.</summary>
    private bool TryWait(long now) => _wait is { Target: > 0 } || TryWait(_queue.Rows, now, null);

    /// <summary>Begins to wait for more rows, if that pays.</summary>
    /// <param name="rows">The rows that wait.</param>
    /// <param name="now">The present time stamp.</param>
    /// <param name="oldest">When the oldest of them arrived; <see langword="null"/> for what the queue says.</param>
    private bool TryWait(int rows, long now, long? oldest)
    {
        if (_wait is null || _isClosed || _wait.TargetAt(SecondsOf(now), RowLimit(), _service) <= rows) return false;
        var seconds = _wait.Begin(rows, SecondsOf(oldest ?? _queue.Oldest()), SecondsOf(now), RowLimit(), _service);
        if (seconds <= 0) return false;
        _waitsUntil = After(now, seconds);
        Arm(_waitsUntil, now);
        return true;
    }

    private void Arm(long due, long now)
    {
        if (due >= _alarm) return;
        _alarm = due;
        // Timers count whole milliseconds, and would come too early otherwise.
        var delay = TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling(Math.Min(SecondsBetween(now, due) * 1000, int.MaxValue - 1))));
        if (_timer is not null)
        {
            _timer.Change(delay, Timeout.InfiniteTimeSpan);
            return;
        }

        // The timer outlives the call that began it: it must not keep that call's ambient values.
        var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        using (flow) _timer = _time.CreateTimer(static state => ((BatchScheduler)state!).OnAlarm(), this, delay, Timeout.InfiniteTimeSpan);
    }

    private void OnAlarm()
    {
        List<CancellationTokenSource>? useless;
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            _alarm = long.MaxValue;
            var next = EndLate(now);
            Contend();
            useless = FindUseless();
            FindHanging(now);
            StartWorkers(now);
            if (_wait is { Target: > 0 }) next = Math.Min(next, _waitsUntil);
            Arm(Math.Min(next, HangsAt()), now);
            CompleteDrain();
        }

        Cancel(useless);
    }

    /// <summary>Ends what is past its deadline, whether it waits or runs.</summary>
    /// <returns>The earliest deadline of the others.</returns>
    private long EndLate(long now)
    {
        var next = long.MaxValue;
        _queue.Visit(request =>
        {
            if (request.Deadline > now)
            {
                next = Math.Min(next, request.Deadline);
                return;
            }

            request.TryEnd(TooLate("while it waited"));
            _queue.Remove(request);
        });
        foreach (var worker in _workers)
        {
            foreach (var part in worker.Parts)
            {
                if (part.Request.HasEnded) continue;
                if (part.Request.Deadline > now) next = Math.Min(next, part.Request.Deadline);
                else part.Request.TryEnd(DeadlinePredictor.TimedOut(Model));
            }
        }

        return next;
    }

    /// <summary>Takes from workers that hang their place and their slot of the budget, so that others go on. Where all places are lost, nobody waits any more.</summary>
    private void FindHanging(long now)
    {
        var before = _hanging;
        foreach (var worker in _workers)
        {
            if (!worker.IsRunning || worker.IsHanging || HangsAt(worker) > now) continue;
            worker.IsHanging = true;
            _hanging++;
            _busy--;
            _budget?.Return();
        }

        if (_hanging == before || Places > 0) return;
        _queue.Visit(request =>
        {
            request.TryEnd(AllHang());
            _queue.Remove(request);
        });
        Contend();
    }

    /// <summary>When the next worker counts as hanging, if it goes on so long.</summary>
    private long HangsAt()
    {
        var next = long.MaxValue;
        foreach (var worker in _workers)
        {
            if (worker.IsRunning && !worker.IsHanging) next = Math.Min(next, HangsAt(worker));
        }

        return next;
    }

    private long HangsAt(BatchWorker worker) => After(worker.StartedAt, _hangSeconds);
}
