using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

/// <summary>The background writer of a tracker: gathers what all its runs have logged, and writes it in passes.</summary>
/// <remarks>
/// <para>Measurements come through segments that belong to one thread and one run, so that logging takes no lock. A pass takes everything, gives each run's batches their numbers and appends
/// them in one call. What cannot be written goes to the spool or stays, with its numbers, until it can; so whatever is repeated is known to the store.</para>
/// <para>Memory is bounded: segments and changes are reserved, and who finds no room waits until a pass has made some.</para>
/// </remarks>
internal sealed partial class TrackerWriter : IAsyncDisposable
{
    private const int PooledSegments = 64;
    private static readonly TimeSpan s_retryAfterFailure = TimeSpan.FromSeconds(5);

    private readonly StoreWriter _store;
    private readonly StoreWriter _probe;
    private readonly TrackerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SecretMask _mask;
    private readonly RefusedHandles _refused;
    private readonly ITimer _timer;
    private readonly ITimer _retryTimer;
    private readonly int _threshold;

    // Everything below is guarded by the gate, but for what says otherwise.
    private readonly HashSet<BufferedRun> _runs = [];
    private readonly Stack<MetricSegment> _pool = [];
    private readonly List<TaskCompletionSource<bool>> _waitingForRoom = [];
    private readonly List<TaskCompletionSource> _waitingForDelivery = [];
    private readonly HashSet<string> _spooledEnds = new(StringComparer.Ordinal);
    private List<BufferedRun> _passing = [];
    private long _reserved;
    private long _reservedBytes;
    private long _refusedEntries;
    private long _unwritten;
    private bool _wanted;
    private bool _draining;
    private bool _disposed;
    private TaskCompletionSource? _idle;
    private Exception? _failure;
    private DateTimeOffset? _lastWrittenAt;

    // Read without the gate: whether a pass will come by itself. Before a pass looks for entries it unsets this and issues a process-wide barrier, so that a thread
    // that has published an entry the pass does not see, sees this unset.
    private volatile bool _armed;

    public TrackerWriter(IRunStore runs, IMetricAppender metrics, TrackerOptions options, TimeProvider time, ILogger logger, SecretMask mask, TrackerTelemetry telemetry, RefusedHandles refused)
    {
        (_options, _time, _logger, _mask, _telemetry, _refused) = (options, time, logger, mask, telemetry, refused);
        _store = new StoreWriter(runs, metrics, time, options.RetryDuration, OnRetry);
        // While the store is known to be down, entries do not wait for one more attempt to fail slowly.
        _probe = new StoreWriter(runs, metrics, time, TimeSpan.Zero, _ => { });
        _threshold = Math.Max(1, Math.Min(options.MaxBatchSize, options.BufferCapacity / 2));
        _timer = time.CreateTimer(_ => WakeFromTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _retryTimer = time.CreateTimer(_ => WakeFromTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        telemetry.Observe(this);
    }

    public object Gate { get; } = new();

    public bool IsArmed => _armed;

    /// <summary>Gets how it is doing.</summary>
    public TrackerStatus Status
    {
        get
        {
            lock (Gate)
            {
                var buffered = _runs.Sum(run => run.CountUnwritten());
                return new TrackerStatus(_runs.Count, buffered, _spool?.Waiting ?? 0, _lastWrittenAt, (_failure ?? _storeFailure) is { } error ? _mask.MaskText(error.Message) : null)
                {
                    RefusedEntries = _refusedEntries,
                    RefusedBytes = _spool?.RefusedBytes ?? 0,
                    DamagedFiles = _spool?.DamagedFiles ?? 0,
                };
            }
        }
    }

    /// <summary>Gets the runs that have ended for their handles though their ends still wait in its own file.</summary>
    public IReadOnlyList<string> SpooledEnds
    {
        get
        {
            lock (Gate) return [.. _spooledEnds];
        }
    }

    public void Add(BufferedRun run)
    {
        lock (Gate) _runs.Add(run);
    }

    public void Remove(BufferedRun run)
    {
        lock (Gate)
        {
            if (!_runs.Remove(run)) return;
            // What a pass is writing just now stays until the pass is over.
            if (!_passing.Contains(run)) Forget(run);
            ReleaseWaiters(force: false);
        }
    }

    /// <summary>Called after an entry was published and nobody is going to look for it.</summary>
    public void Arm()
    {
        lock (Gate)
        {
            if (_armed || _disposed) return;
            _armed = true;
            _timer.Change(_options.FlushInterval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Gives a lane the next segment, waiting for room where there is none.</summary>
    public MetricSegment Extend(BufferedRun run, MetricLane lane)
    {
        var (isCounted, isForced) = (false, false);
        while (true)
        {
            Task<bool> room;
            lock (Gate)
            {
                run.ThrowIfEnded("logging a metric");
                if (!isCounted && lane.Segment is { } full)
                {
                    isCounted = true;
                    CountUnwritten(full.Entries.Length);
                }

                var length = (int)Math.Min(lane.NextLength, isForced ? MetricLane.ShortestSegment : _options.BufferCapacity - _reserved);
                if (length > 0)
                {
                    var segment = length == MetricLane.LongestSegment && _pool.TryPop(out var pooled) ? pooled : new MetricSegment(length);
                    _reserved += length;
                    lane.Append(segment);
                    return segment;
                }

                room = WaitForRoom("logging a metric");
            }

            isForced = Await(room);
        }
    }

    /// <summary>Adds a param, a tag or an input, waiting for room where there is none.</summary>
    /// <param name="run">The run.</param>
    /// <param name="attempted">What is done, for the errors.</param>
    /// <param name="bytes">About how much memory it takes.</param>
    /// <param name="add">Adds it within the gate; returns whether it was added.</param>
    public void Add(BufferedRun run, string attempted, long bytes, Func<bool> add)
    {
        var isForced = false;
        while (true)
        {
            Task<bool> room;
            lock (Gate)
            {
                run.ThrowIfEnded(attempted);
                // What is larger than all of the room goes when nothing else is there; the bytes, other than the places of segments, are free after each pass.
                if ((isForced || _reserved < _options.BufferCapacity) && (_reservedBytes == 0 || _reservedBytes + bytes <= _options.BufferBytes))
                {
                    if (!add()) return;
                    _reserved++;
                    _reservedBytes += bytes;
                    run.CountBytes(bytes);
                    CountUnwritten(1);
                    if (_reservedBytes > _options.BufferBytes / 2) Wake();
                    if (!_armed) Arm();
                    return;
                }

                room = WaitForRoom(attempted);
            }

            isForced = Await(room);
        }
    }

    /// <summary>Lets a pass begin, soon and in the background; within the gate.</summary>
    public void Wake()
    {
        _wanted = true;
        if (_draining) return;
        _draining = true;
        // Without the caller's execution context: what is written later does not belong to its activity.
        ThreadPool.UnsafeQueueUserWorkItem(static writer => _ = writer.DrainAsync(), this, preferLocal: false);
    }

    /// <summary>Lets those who wait for room look again, because their run has ended; within the gate.</summary>
    public void ReleaseWaiters(bool force)
    {
        foreach (var waiter in _waitingForRoom) waiter.TrySetResult(force);
        _waitingForRoom.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        lock (Gate)
        {
            if (_disposed) return;
            _disposed = true;
            if (_draining) _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        if (_idle is not null) await _idle.Task.ConfigureAwait(false);
        _telemetry.Forget(this);
        await _timer.DisposeAsync().ConfigureAwait(false);
        await _retryTimer.DisposeAsync().ConfigureAwait(false);
        await CloseSpoolAsync().ConfigureAwait(false);
    }

    private static bool Await(Task<bool> room)
#pragma warning disable RS0030 // Logging is synchronous and has to wait for room; waiting for a task, the thread pool knows that the thread is blocked and adds another one.
        => room.GetAwaiter().GetResult();
#pragma warning restore RS0030

    private Task<bool> WaitForRoom(string attempted)
    {
        if (_failure is not null)
        {
            throw new StorageException(
                "tracker", attempted, $"The buffer of the tracker is full because its store cannot be written: {_failure.Message}", _failure) { IsTransient = true };
        }

        Wake();
        var waiter = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waitingForRoom.Add(waiter);
        return waiter.Task;
    }

    private void CountUnwritten(int count)
    {
        _unwritten += count;
        if (_unwritten >= _threshold) Wake();
    }

    private void Forget(BufferedRun run)
    {
        var (reserved, bytes) = run.Forget();
        _reserved -= reserved;
        _reservedBytes -= bytes;
    }

    private void OnRetry(Exception error)
    {
        if (!_logger.IsEnabled(LogLevel.Debug)) return;
        var problem = _mask.MaskText(error.Message);
        LogRetry(problem);
    }

    private void WakeFromTimer()
    {
        lock (Gate)
        {
            if (!_disposed) Wake();
        }
    }

    private void Release(MetricSegment segment)
    {
        _reserved -= segment.Entries.Length;
        if (segment.Entries.Length != MetricLane.LongestSegment || _pool.Count >= PooledSegments) return;
        segment.Clear();
        _pool.Push(segment);
    }
}
