using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Decides which prediction runs where and when: at once on its caller's thread while a worker is free and nothing waits, otherwise in the next batch of a worker.</summary>
/// <remarks>
/// One lock guards the queue, the workers and what is learned; tensors are copied outside it. Nothing polls. There is one timer, armed for the earliest deadline of what waits or runs, the end of a
/// wait for more rows, and the time after which a running worker hangs: that is seldom set, for the timer goes off long after most runs have ended, and then looks at those that are left.
/// </remarks>
internal sealed partial class BatchScheduler : IComputeClient, IThreadPoolWorkItem
{
    private const int KeptRequests = 1024;

    private readonly Lock _lock = new();
    private readonly BatchingOptions _options;
    private readonly IPredictor _predictor;
    private readonly BatchLayout _layout;
    private readonly BatchQueue _queue;
    private readonly ComputeBudget? _budget;
    private readonly ServiceTimeModel _service = new();
    private readonly BatchWait? _wait;
    private readonly TimeProvider _time;
    private readonly ServingTelemetry _telemetry;
    private readonly long _started;
    private readonly List<BatchWorker> _workers = [];
    private readonly Stack<BatchWorker> _free = new();
    private readonly Stack<BatchRequest> _requests = new();
    private readonly Lock _pooling = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly double _hangSeconds;
    private readonly Func<BatchRequest, int, int> _admit;
    private long _now;
    private long _lastEnd;
    private int _busy;
    private int _starting;
    private int _hanging;
    private bool _isWaitingForSlot;
    private long _ticket;
    private bool _isContending;
    private bool _isClosed;

    public BatchScheduler(IPredictor predictor, BatchingOptions options, string model, ComputeBudget? budget, TimeProvider time, ServingTelemetry telemetry)
    {
        _predictor = predictor;
        _options = options;
        _budget = budget;
        _time = time;
        _telemetry = telemetry;
        _layout = new BatchLayout(predictor.Signature, model);
        _queue = new BatchQueue(_layout);
        _started = time.GetTimestamp();
        _admit = Admit;
        _hangSeconds = options.HangTimeout == Timeout.InfiniteTimeSpan ? double.PositiveInfinity : options.HangTimeout.TotalSeconds;
        if (options.LatencyObjective is { } objective) _wait = new BatchWait(objective.TotalSeconds, options.WorkerCount);
    }

    public string Model => _layout.Model;

    public BatchLayout Layout => _layout;

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
        var now = _time.GetTimestamp();
        var deadline = context.Deadline is { } utc ? After(now, (utc - _time.GetUtcNow()).TotalSeconds) : long.MaxValue;
        var hash = _layout.HasGroups ? _layout.HashOf(inputs) : 0;
        BatchRequest request;
        lock (_lock)
        {
            worker = null;
            if (_isClosed) return ValueTask.FromException(Closed());
            if (deadline <= now) return ValueTask.FromException(TooLate("before it began"));
            var rows = inputs.Rows;
            _wait?.OnArrived(rows, SecondsOf(now));
            if (_queue.Rows == 0 && _starting == 0 && MayRunHere(rows, deadline) && HasPlace && !TryWait(rows, now, now) && TryTakeWorker() is { } free)
            {
                worker = free;
                OnStarted(worker, rows, now);
                return default;
            }

            // What runs in the background has no objective: it may be split over many batches.
            var useful = _options.LatencyObjective is { } objective && context.Priority != PredictionPriority.Background ? Math.Min(deadline, After(now, objective.TotalSeconds)) : deadline;
            var isTrial = IsTrial(now);
            if (FindRejection(inputs, hash, context.Priority, now, useful, deadline, isTrial) is { } rejection)
            {
                StartWorkers(now);
                return ValueTask.FromException(rejection);
            }

            request = Rent();
            request.Begin(inputs, outputs, context, now, deadline, useful, isTrial, cancellationToken);
            _queue.Add(request, hash);
            StartWorkers(now);
            Contend();
            Arm(deadline, now);
        }

        if (cancellationToken.CanBeCanceled) request.Watch();
        return request.Task;
    }

    /// <summary>Takes the next batch for a worker that was started; gives it up when nothing waits any more.</summary>
    public bool TryTake(BatchWorker worker)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            _starting--;
            _now = now;
            var rows = _queue.Take(worker.Parts, RowLimit(), _admit);
            if (rows > 0)
            {
                OnStarted(worker, rows, now);
            }
            else
            {
                Free(worker, null);
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
            if (part.FirstRow == 0) _telemetry.OnQueued(Model, _time.GetElapsedTime(part.Request.EnqueuedAt, worker.StartedAt));
        }
    }

    /// <summary>Ends a run: of a worker, or of a caller that had taken one.</summary>
    public void OnRun(BatchWorker worker)
    {
        lock (_lock)
        {
            var now = _time.GetTimestamp();
            var seconds = SecondsBetween(worker.StartedAt, now);
            if (worker.IsTypical && !worker.IsHanging) _service.Observe(worker.Rows, seconds);
            foreach (var part in worker.Parts) part.Request.Release();
            worker.Parts.Clear();
            worker.IsRunning = false;
            _lastEnd = now;
            if (worker.IsCancelled) (worker.IsCancelled, worker.Cancellation) = (false, new CancellationTokenSource());
            if (worker.IsHanging)
            {
                // Another one has taken its place.
                _hanging--;
                _workers.Remove(worker);
                worker.Dispose();
            }
            else
            {
                Free(worker, seconds);
            }

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
            StartWorkers(_time.GetTimestamp());
            Contend();
            useless = FindUseless();
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
            var now = _time.GetTimestamp();
            FindHanging(now);
            StartWorkers(now);
            double longest = 0;
            var (running, hanging) = (0, 0);
            foreach (var worker in _workers)
            {
                if (!worker.IsRunning) continue;
                longest = Math.Max(longest, SecondsBetween(worker.StartedAt, now));
                if (worker.IsHanging) hanging++;
                else running++;
            }

            return new BatchingStatus(
                _queue.Rows,
                running + _starting,
                hanging,
                TimeSpan.FromSeconds(longest),
                TimeSpan.FromSeconds(_service.IsKnown ? _service.RowSeconds : 0),
                TimeSpan.FromSeconds(_service.IsKnown ? _service.BatchSeconds : 0));
        }
    }

    /// <summary>Takes nothing more, and waits until everything that was taken is answered; for what hangs, until it counts as hanging: see <see cref="Ended"/>.</summary>
    public async ValueTask CloseAsync()
    {
        lock (_lock)
        {
            _isClosed = true;
            StartWorkers(_time.GetTimestamp());
            CompleteDrain();
        }

        await _drained.Task.ConfigureAwait(false);
        lock (_lock)
        {
            _timer?.Dispose();
            foreach (var worker in _free) worker.Dispose();
        }
    }

    void IComputeClient.OnSlot() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Uses a slot of the budget that was waited for.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        BatchWorker? worker = null;
        lock (_lock)
        {
            (_isWaitingForSlot, _ticket) = (false, 0);
            var now = _time.GetTimestamp();
            var hasWaited = TryEndWait(now);
            if (NeedsWorker && (hasWaited || !TryWait(now)))
            {
                worker = AddBusy();
                _starting++;
                StartWorkers(now);
            }
            else
            {
                _budget!.Return();
                CompleteDrain();
            }
        }

        // This is a thread of the pool already.
        worker?.Execute();
    }

    private void StartWorkers(long now)
    {
        var hasWaited = TryEndWait(now);
        while (NeedsWorker && (hasWaited || !TryWait(now)))
        {
            hasWaited = false;
            if (_budget is not null)
            {
                if (_isWaitingForSlot) return;
                if (!_budget.TryTakeOrWait(this, out _ticket))
                {
                    _isWaitingForSlot = true;
                    return;
                }
            }

            var worker = AddBusy();
            _starting++;
            ThreadPool.UnsafeQueueUserWorkItem(worker, preferLocal: false);
        }
    }

    /// <summary>Tells the budget whether the model waits for more than it runs.</summary>
    private void Contend()
    {
        var isContending = _queue.Rows > 0;
        if (isContending == _isContending) return;
        _isContending = isContending;
        _budget?.OnContending(isContending);
    }

    /// <summary>Gets whether one more worker may run.</summary>
    private bool HasPlace => _busy < Places;

    /// <summary>Gets whether more waits than the workers take that are starting, and another one may run.</summary>
    private bool NeedsWorker => _queue.Rows > (long)_starting * _options.MaxBatchRows && HasPlace;

    private bool MayRunHere(int rows, long deadline) => rows <= _options.MaxBatchRows && _options.CallerThread switch
    {
        CallerThreadUse.Always => true,
        CallerThreadUse.WithoutDeadline => deadline == long.MaxValue,
        _ => false,
    };

    private BatchWorker? TryTakeWorker() => _budget is null || _budget.TryTake() ? AddBusy() : null;

    private BatchWorker AddBusy()
    {
        _busy++;
        if (_free.TryPop(out var free)) return free;
        var worker = new BatchWorker(this, _predictor, _layout);
        _workers.Add(worker);
        return worker;
    }

    private void Free(BatchWorker worker, double? heldSeconds)
    {
        _busy--;
        _free.Push(worker);
        _budget?.Return(heldSeconds);
    }

    private void OnStarted(BatchWorker worker, int rows, long now)
    {
        worker.IsRunning = true;
        worker.Rows = rows;
        worker.StartedAt = now;
        Arm(HangsAt(worker), now);
    }

    private void CompleteDrain()
    {
        if (!_isClosed || _busy > 0 || _queue.Rows > 0) return;
        _drained.TrySetResult();
        if (_hanging == 0) _ended.TrySetResult();
    }

    /// <summary>Cancels runs. What the model registered for that runs elsewhere: if it throws, neither the timer nor the caller who gave up is to hear of it.</summary>
    private static void Cancel(List<CancellationTokenSource>? runs) => runs?.ForEach(static run => _ = run.CancelAsync());

    /// <summary>Finds the runs for which nobody waits any more, several where a prediction was split; to be cancelled outside the lock, because that runs the model's code.</summary>
    private List<CancellationTokenSource>? FindUseless()
    {
        List<CancellationTokenSource>? useless = null;
        foreach (var worker in _workers)
        {
            if (!worker.IsRunning || worker.IsCancelled || worker.Parts.Count == 0 || worker.Parts.Exists(static part => !part.Request.HasEnded)) continue;
            worker.IsCancelled = true;
            (useless ??= []).Add(worker.Cancellation);
        }

        return useless;
    }

    private BatchRequest Rent()
    {
        lock (_pooling) return _requests.TryPop(out var request) ? request : new BatchRequest(this);
    }

    private long After(long now, double seconds)
    {
        var stamp = now + (seconds * _time.TimestampFrequency);
        return stamp >= long.MaxValue ? long.MaxValue : (long)stamp;
    }

    private double SecondsBetween(long from, long to) => (double)(to - from) / _time.TimestampFrequency;

    private double SecondsOf(long stamp) => SecondsBetween(_started, stamp);
}
