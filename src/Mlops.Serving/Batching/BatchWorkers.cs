namespace Mlops.Serving;

/// <summary>The workers of a model: how many may run, which do, and which hang. Guarded by the scheduler's lock.</summary>
/// <param name="count">How many may run at the same time.</param>
/// <param name="hangTimeout">After what time a run hangs; <see cref="Timeout.InfiniteTimeSpan"/> for never.</param>
/// <param name="clock">The clock.</param>
/// <param name="create">Makes one more.</param>
internal sealed class BatchWorkers(int count, TimeSpan hangTimeout, BatchClock clock, Func<BatchWorker> create) : IDisposable
{
    private readonly double _hangSeconds = hangTimeout == Timeout.InfiniteTimeSpan ? double.PositiveInfinity : hangTimeout.TotalSeconds;
    private readonly List<BatchWorker> _all = [];
    private readonly Stack<BatchWorker> _free = new();

    /// <summary>Gets how many run or are about to, and do not hang.</summary>
    public int Busy { get; private set; }

    /// <summary>Gets how many hang.</summary>
    public int Hanging { get; private set; }

    /// <summary>Gets how many may be busy. As many that hang are replaced as there are workers, because each keeps a thread; the others' places are taken.</summary>
    public int Places => count - Math.Max(0, Hanging - count);

    /// <summary>Gets whether one more may run.</summary>
    public bool HasPlace => Busy < Places;

    /// <summary>Gets when a run ended last.</summary>
    public long LastEnd { get; private set; }

    /// <summary>Takes one that is free.</summary>
    public BatchWorker Take()
    {
        Busy++;
        if (_free.TryPop(out var free)) return free;
        var worker = create();
        _all.Add(worker);
        return worker;
    }

    /// <summary>Gives back one that has not run.</summary>
    public void Return(BatchWorker worker)
    {
        Busy--;
        _free.Push(worker);
    }

    /// <summary>Begins the run of one that was taken.</summary>
    public void Begin(BatchWorker worker, int rows, long now) => (worker.IsRunning, worker.Rows, worker.StartedAt) = (true, rows, now);

    /// <summary>Ends a run.</summary>
    /// <returns>Whether the worker has kept its place until now; otherwise it hung, and another one has it.</returns>
    public bool End(BatchWorker worker, long now)
    {
        LastEnd = now;
        worker.IsRunning = false;
        if (worker.IsCancelled) (worker.IsCancelled, worker.Cancellation) = (false, new CancellationTokenSource());
        if (!worker.IsHanging)
        {
            Return(worker);
            return true;
        }

        Hanging--;
        _all.Remove(worker);
        worker.Dispose();
        return false;
    }

    /// <summary>Takes their places from those that have begun to hang, so that others go on.</summary>
    /// <returns>How many have.</returns>
    public int FindHanging(long now)
    {
        var before = Hanging;
        foreach (var worker in _all)
        {
            if (!worker.IsRunning || worker.IsHanging || HangsAt(worker) > now) continue;
            worker.IsHanging = true;
            Hanging++;
            Busy--;
        }

        return Hanging - before;
    }

    /// <summary>When a worker counts as hanging, if its run goes on so long.</summary>
    public long HangsAt(BatchWorker worker) => clock.After(worker.StartedAt, _hangSeconds);

    /// <summary>When the next one does.</summary>
    public long NextHang()
    {
        var next = long.MaxValue;
        foreach (var worker in _all)
        {
            if (worker.IsRunning && !worker.IsHanging) next = Math.Min(next, HangsAt(worker));
        }

        return next;
    }

    /// <summary>In how many seconds the first of those that are busy is expected to be free.</summary>
    public double FirstFreeIn(long now, ServiceTimeModel service)
    {
        var first = double.PositiveInfinity;
        foreach (var worker in _all)
        {
            if (worker.IsRunning && !worker.IsHanging) first = Math.Min(first, Math.Max(0, service.Predict(worker.Rows) - clock.SecondsBetween(worker.StartedAt, now)));
        }

        return double.IsPositiveInfinity(first) ? 0 : first;
    }

    /// <summary>For how long the oldest run has been going on, in seconds.</summary>
    public double LongestRun(long now)
    {
        double longest = 0;
        foreach (var worker in _all)
        {
            if (worker.IsRunning) longest = Math.Max(longest, clock.SecondsBetween(worker.StartedAt, now));
        }

        return longest;
    }

    /// <summary>Ends the requests in batches that are past their deadline.</summary>
    /// <param name="now">The present time stamp.</param>
    /// <param name="model">The model's name, for messages.</param>
    /// <returns>The earliest deadline of the others.</returns>
    public long EndLate(long now, string model)
    {
        var next = long.MaxValue;
        foreach (var worker in _all)
        {
            foreach (var part in worker.Parts)
            {
                if (part.Request.HasEnded) continue;
                if (part.Request.Deadline > now) next = Math.Min(next, part.Request.Deadline);
                else part.Request.TryEnd(DeadlinePredictor.TimedOut(model));
            }
        }

        return next;
    }

    /// <summary>Finds the runs for which nobody waits any more, several where a prediction was split; to be cancelled outside the lock, because that runs the model's code.</summary>
    public List<CancellationTokenSource>? FindUseless()
    {
        List<CancellationTokenSource>? useless = null;
        foreach (var worker in _all)
        {
            if (!worker.IsRunning || worker.IsCancelled || worker.Parts.Count == 0 || worker.Parts.Exists(static part => !part.Request.HasEnded)) continue;
            worker.IsCancelled = true;
            (useless ??= []).Add(worker.Cancellation);
        }

        return useless;
    }

    /// <summary>Disposes those that are free.</summary>
    public void Dispose()
    {
        foreach (var worker in _free) worker.Dispose();
    }
}
