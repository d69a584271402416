using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Decides which prediction runs where and when: at once on its caller's thread while a worker is free and nothing waits, otherwise in the next batch of a worker.</summary>
/// <remarks>
/// One lock guards the queue, the workers and what is learned; tensors are copied outside it. Nothing polls. There is one timer, set for the earliest deadline of what waits or runs, the end of a
/// wait for more rows, and the time after which a running worker hangs: that is seldom set, for the timer goes off long after most runs have ended, and then looks at those that are left.
/// </remarks>
internal sealed class BatchScheduler : IComputeClient, IThreadPoolWorkItem, IAsyncDisposable
{
    private const int KeptRequests = 1024;

    private readonly Lock _lock = new();
    private readonly BatchingOptions _options;
    private readonly ServingTelemetry _telemetry;
    private readonly BatchClock _clock;
    private readonly BatchAlarm _alarm;
    private readonly BatchQueue _queue;
    private readonly BatchWorkers _workers;
    private readonly ComputeShare _share;
    private readonly ServiceTimeModel _service = new();
    private readonly BatchAdmission _admission;
    private readonly BatchWait? _wait;
    private readonly Func<BatchRequest, int, int> _admit;
    private readonly Stack<BatchRequest> _requests = new();
    private readonly Lock _pooling = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _now;
    private long _waitsUntil;
    private int _starting;
    private bool _isClosed;

    public BatchScheduler(IPredictor predictor, BatchingOptions options, string model, ComputeBudget? budget, TimeProvider time, ServingTelemetry telemetry)
    {
        _options = options;
        _telemetry = telemetry;
        Layout = new BatchLayout(predictor.Signature, model);
        _clock = new BatchClock(time);
        _alarm = new BatchAlarm(_clock, OnAlarm);
        _queue = new BatchQueue(Layout);
        _workers = new BatchWorkers(options.WorkerCount, options.HangTimeout, _clock, () => new BatchWorker(this, predictor, Layout));
        _share = new ComputeShare(budget, this);
        _admission = new BatchAdmission(options, model, _queue, _workers, _share, _service, _clock);
        _admit = (request, limit) => _admission.Admit(request, limit, _now);
        if (options.LatencyObjective is { } objective) _wait = new BatchWait(objective.TotalSeconds, options.WorkerCount);
    }

    public string Model => Layout.Model;

    public BatchLayout Layout { get; }

    /// <summary>Completes when it is closed and no call of the model runs any more, also none that hangs.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes a worker for the caller to run its own prediction, or queues the prediction.</summary>
    /// <param name="inputs">The inputs, checked.</param>
    /// <param name="outputs">The outputs, checked.</param>
    /// <param name="context">What travels with the prediction.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="worker">The worker, to be given to <see cref="OnRun"/> afterwards; <see langword="null"/> when the prediction was queued.</param>
    /// <returns>The task of a queued prediction.</returns>
    public ValueTask Begin(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken, out BatchWorker? worker)
    {
        var now = _clock.GetStamp();
        var deadline = context.Deadline is { } utc ? _clock.StampOf(utc, now) : long.MaxValue;
        var hash = Layout.HasGroups ? Layout.HashOf(inputs) : 0;
        BatchRequest request;
        lock (_lock)
        {
            worker = null;
            if (_isClosed) return ValueTask.FromException(_admission.Closed());
            if (deadline <= now) return ValueTask.FromException(_admission.TooLate("before it began"));
            var rows = inputs.Rows;
            _wait?.OnArrived(rows, _clock.SecondsOf(now));
            if (_queue.Rows == 0 && _starting == 0 && MayRunHere(rows, deadline) && _workers.HasPlace && !TryWait(rows, now, now) && _share.TryTake())
            {
                worker = _workers.Take();
                Start(worker, rows, now);
                return default;
            }

            var useful = _admission.UsefulUntil(context.Priority, now, deadline);
            var isTrial = _admission.IsTrial(now);
            if (_admission.FindRejection(inputs, hash, context.Priority, now, useful, deadline, isTrial) is { } rejection)
            {
                StartWorkers(now);
                return ValueTask.FromException(rejection);
            }

            request = Rent();
            request.Begin(inputs, outputs, context, now, deadline, useful, isTrial, cancellationToken);
            _queue.Add(request, hash);
            StartWorkers(now);
            Contend();
            _alarm.Set(deadline, now);
        }

        if (cancellationToken.CanBeCanceled) request.Watch();
        return request.Task;
    }

    /// <summary>Takes the next batch for a worker that was started; gives it up when nothing waits any more.</summary>
    public bool TryTake(BatchWorker worker)
    {
        lock (_lock)
        {
            var now = _clock.GetStamp();
            _starting--;
            _now = now;
            var rows = _queue.Take(worker.Parts, _admission.RowLimit, _admit);
            if (rows > 0)
            {
                Start(worker, rows, now);
            }
            else
            {
                _workers.Return(worker);
                _share.Return();
            }

            StartWorkers(now);
            Contend();
            CompleteDrain();
            return rows > 0;
        }
    }

    /// <summary>Tells who measures of the batch that a worker has taken.</summary>
    public void Measure(BatchWorker worker)
    {
        _telemetry.OnBatch(Model, worker.Rows);
        if (!_telemetry.IsQueueMeasured) return;
        foreach (var part in worker.Parts)
        {
            if (part.FirstRow == 0) _telemetry.OnQueued(Model, TimeSpan.FromSeconds(_clock.SecondsBetween(part.Request.EnqueuedAt, worker.StartedAt)));
        }
    }

    /// <summary>Ends a run: of a worker, or of a caller that had taken one.</summary>
    public void OnRun(BatchWorker worker)
    {
        lock (_lock)
        {
            var now = _clock.GetStamp();
            var seconds = _clock.SecondsBetween(worker.StartedAt, now);
            var hasPredicted = worker.PredictedRows > 0;
            if (hasPredicted && worker.IsTypical && !worker.IsHanging) _service.Observe(worker.PredictedRows, seconds);
            foreach (var part in worker.Parts) part.Request.Release();
            worker.Parts.Clear();
            if (_workers.End(worker, now)) _share.Return(hasPredicted ? seconds : null);
            StartWorkers(now);
            CompleteDrain();
        }
    }

    /// <summary>Forgets a request that was cancelled, and ends the runs for which nobody waits any more.</summary>
    public void OnAbandoned(BatchRequest request)
    {
        List<CancellationTokenSource>? useless;
        lock (_lock)
        {
            _queue.Remove(request);
            StartWorkers(_clock.GetStamp());
            Contend();
            useless = _workers.FindUseless();
            CompleteDrain();
        }

        Cancel(useless);
    }

    public void Return(BatchRequest request)
    {
        lock (_pooling)
        {
            if (_requests.Count < KeptRequests) _requests.Push(request);
        }
    }

    public BatchingStatus GetStatus()
    {
        lock (_lock)
        {
            var now = _clock.GetStamp();
            FindHanging(now);
            StartWorkers(now);
            return new BatchingStatus(
                _queue.Rows,
                _workers.Busy,
                _workers.Hanging,
                TimeSpan.FromSeconds(_workers.LongestRun(now)),
                TimeSpan.FromSeconds(_service.IsKnown ? _service.RowSeconds : 0),
                TimeSpan.FromSeconds(_service.IsKnown ? _service.BatchSeconds : 0));
        }
    }

    /// <summary>Takes nothing more, and waits until everything that was taken is answered; for what hangs, until it counts as hanging: see <see cref="Ended"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            StartWorkers(_clock.GetStamp());
            CompleteDrain();
        }

        await _drained.Task.ConfigureAwait(false);
        lock (_lock) _workers.Dispose();
    }

    void IComputeClient.OnSlot() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Uses a slot of the budget that was waited for.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        BatchWorker? worker = null;
        lock (_lock)
        {
            _share.OnSlot();
            var now = _clock.GetStamp();
            var hasWaited = TryEndWait(now);
            if (NeedsWorker && (hasWaited || !TryWait(now)))
            {
                worker = _workers.Take();
                _starting++;
                StartWorkers(now);
            }
            else
            {
                _share.Return();
                CompleteDrain();
            }
        }

        // This is a thread of the pool already.
        worker?.Execute();
    }

    /// <summary>Gets whether more waits than the workers take that are starting, and another one may run.</summary>
    private bool NeedsWorker => _queue.Rows > (long)_starting * _options.MaxBatchRows && _workers.HasPlace;

    private void StartWorkers(long now)
    {
        var hasWaited = TryEndWait(now);
        while (NeedsWorker && (hasWaited || !TryWait(now)) && _share.TryTakeOrWait())
        {
            hasWaited = false;
            _starting++;
            ThreadPool.UnsafeQueueUserWorkItem(_workers.Take(), preferLocal: false);
        }
    }

    private void Start(BatchWorker worker, int rows, long now)
    {
        _workers.Begin(worker, rows, now);
        _alarm.Set(_workers.HangsAt(worker), now);
    }

    private bool MayRunHere(int rows, long deadline) => rows <= _admission.RowLimit && _options.CallerThread switch
    {
        CallerThreadUse.Always => true,
        CallerThreadUse.WithoutDeadline => deadline == long.MaxValue,
        _ => false,
    };

    /// <summary>Ends a wait for more rows that has brought them, whose time is up, or for which nothing waits any more.</summary>
    private bool TryEndWait(long now)
    {
        if (_wait is null or { Target: 0 } || (_queue.Rows > 0 && _queue.Rows < _wait.Target && now < _waitsUntil && !_isClosed)) return false;
        _wait.End(_queue.Rows, _clock.SecondsOf(now), _admission.RowLimit, _service);
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
        if (_wait is null || _isClosed) return false;
        var (seconds, limit) = (_clock.SecondsOf(now), _admission.RowLimit);
        if (_wait.TargetAt(seconds, limit, _service) <= rows) return false;
        var wait = _wait.Begin(rows, _clock.SecondsOf(oldest ?? _queue.Oldest()), seconds, limit, _service);
        if (wait <= 0) return false;
        _waitsUntil = _clock.After(now, wait);
        _alarm.Set(_waitsUntil, now);
        return true;
    }

    /// <summary>Tells the models that share the budget whether this one waits for more than it runs.</summary>
    private void Contend() => _share.Contend(_queue.Rows > 0);

    private void OnAlarm()
    {
        List<CancellationTokenSource>? useless;
        lock (_lock)
        {
            var now = _clock.GetStamp();
            _alarm.Reset();
            var next = Math.Min(EndLate(now), _workers.EndLate(now, Model));
            Contend();
            useless = _workers.FindUseless();
            FindHanging(now);
            StartWorkers(now);
            if (_wait is { Target: > 0 }) next = Math.Min(next, _waitsUntil);
            _alarm.Set(Math.Min(next, _workers.NextHang()), now);
            CompleteDrain();
        }

        Cancel(useless);
    }

    /// <summary>Ends what waits past its deadline.</summary>
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

            request.TryEnd(_admission.TooLate("while it waited"));
            _queue.Remove(request);
        });
        return next;
    }

    /// <summary>Takes from workers that hang their place and their slot of the budget, so that others go on. Where all places are lost, nobody waits any more.</summary>
    private void FindHanging(long now)
    {
        var begun = _workers.FindHanging(now);
        for (var i = 0; i < begun; i++) _share.Return();
        if (begun == 0 || _workers.Places > 0) return;
        _queue.Visit(request =>
        {
            request.TryEnd(_admission.AllHang());
            _queue.Remove(request);
        });
        Contend();
    }

    private void CompleteDrain()
    {
        if (!_isClosed || _workers.Busy > 0 || _queue.Rows > 0) return;
        _drained.TrySetResult();
        if (_workers.Hanging > 0) return;
        // Until now it was needed: who waits for a call that hangs is let go at the deadline.
        _alarm.Dispose();
        _ended.TrySetResult();
    }

    /// <summary>Cancels runs. What the model registered for that runs elsewhere: if it throws, neither the timer nor the caller who gave up is to hear of it.</summary>
    private static void Cancel(List<CancellationTokenSource>? runs) => runs?.ForEach(static run => _ = run.CancelAsync());

    private BatchRequest Rent()
    {
        lock (_pooling) return _requests.TryPop(out var request) ? request : new BatchRequest(this);
    }
}
