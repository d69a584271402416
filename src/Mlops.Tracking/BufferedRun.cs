using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>A run whose entries are buffered in memory and written in the background, in passes.</summary>
/// <remarks>
/// A pass takes everything that is buffered and stays as it is, with its batch numbers, until all of it is durable; so whatever is repeated after a
/// failure is known to the store. An entry that the store refuses for good is dropped and reported by the next flush, completion or disposal.
/// </remarks>
internal sealed partial class BufferedRun : Run
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(5);

    private readonly RunSnapshot _snapshot;
    private readonly IRunStore _runs;
    private readonly IMetricAppender _appender;
    private readonly IArtifactStore _artifacts;
    private readonly TrackerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<string> _onEnded;
    private readonly ITimer _timer;
    private readonly string _writerId;
    private readonly int _threshold;

    // Everything below is guarded by the gate, a plain object because callers wait on it for room.
    private readonly object _gate = new();
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly List<Waiter> _waiters = [];
    private readonly List<Exception> _refused = [];
    private RunBuffer _buffer = new();
    private RunBuffer? _spare;
    private RunBuffer? _pass;
    private long _logged;
    private long _durable;
    private int _outstanding;
    private long _sequence;
    private bool _armed;
    private bool _wanted;
    private bool _draining;
    private Exception? _failure;
    private bool _failureReported;
    private RunFinishedException? _endedElsewhere;
    private bool _ending;
    private bool _ended;
    private bool _disposed;

    public BufferedRun(
        RunSnapshot snapshot, IRunStore runs, IMetricAppender appender, IArtifactStore artifacts, TrackerOptions options, TimeProvider time, ILogger logger, Action<string> ended)
    {
        (_snapshot, _runs, _appender, _artifacts, _options, _time, _logger, _onEnded) = (snapshot, runs, appender, artifacts, options, time, logger, ended);
        _writerId = Ids.Create(time);
        _threshold = Math.Max(1, Math.Min(options.MaxBatchSize, options.BufferCapacity / 2));
        _timer = time.CreateTimer(_ => WakeFromTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public override string Id => _snapshot.Id;

    public override string ExperimentId => _snapshot.ExperimentId;

    public override void SetName(string name)
    {
        TrackingLimits.CheckRunName(name);
        lock (_gate)
        {
            WaitForRoom("setting the name");
            _buffer.Name = name;
            Count();
        }
    }

    public override void LogParam(string name, string value)
    {
        TrackingLimits.CheckParam(name, value);
        lock (_gate)
        {
            WaitForRoom("logging a param");
            if (!_known.TryAdd(name, value))
            {
                if (_known[name] == value) return;
                throw TrackingErrors.Param(Id, name);
            }

            _buffer.Params.Add(new Param(name, value));
            Count();
        }
    }

    public override void LogMetric(string name, double value, long step = 0, DateTimeOffset? timestamp = null)
    {
        TrackingLimits.CheckMetric(name);
        var metric = new Metric(name, value, step, timestamp ?? _time.GetUtcNow());
        lock (_gate)
        {
            WaitForRoom("logging a metric");
            _buffer.Add(metric);
            Count();
        }
    }

    public override void SetTag(string name, string value)
    {
        TrackingLimits.CheckTag(name, value);
        lock (_gate)
        {
            WaitForRoom("setting a tag");
            _buffer.Tags.Add(KeyValuePair.Create(name, value));
            Count();
        }
    }

    public override void LogInput(DatasetReference dataset, string context)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        TrackingLimits.CheckInput(dataset.Name, context);
        lock (_gate)
        {
            WaitForRoom("logging an input");
            _buffer.Inputs.Add(new DatasetInput(dataset, context));
            Count();
        }
    }

    public override Task<Artifact> LogArtifactAsync(string path, Stream content, CancellationToken cancellationToken = default)
    {
        ArtifactPath.Check(path);
        ArgumentNullException.ThrowIfNull(content);
        lock (_gate) ThrowIfEnded("storing an artifact");
        return _artifacts.WriteAsync($"{_snapshot.ArtifactRoot}/{path}", content, default, cancellationToken);
    }

    public override async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        Task durable;
        lock (_gate)
        {
            if (_endedElsewhere is not null) ThrowIfEnded("flushing");
            durable = WhenDurable();
        }

        await durable.WaitAsync(cancellationToken).ConfigureAwait(false);
        ThrowRefused();
    }

    public override async Task<RunSnapshot> CompleteAsync(RunStatus status = RunStatus.Finished, CancellationToken cancellationToken = default)
    {
        if (status is not (RunStatus.Finished or RunStatus.Failed or RunStatus.Killed))
            throw new ArgumentOutOfRangeException(nameof(status), status, "A run is completed as Finished, Failed or Killed.");
        lock (_gate)
        {
            ThrowIfEnded("completing");
            _ending = true;
            Monitor.PulseAll(_gate);
        }

        try
        {
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            await EndAsync(status, cancellationToken).ConfigureAwait(false);
            lock (_gate) _ended = true;
        }
        finally
        {
            // After a failure the run goes on, so that completing can be tried again.
            lock (_gate) _ending = false;
        }

        await ReleaseAsync().ConfigureAwait(false);
        return await _runs.FindRunAsync(Id, cancellationToken).ConfigureAwait(false) ?? throw TrackingErrors.Run(Id);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        bool ended, reported;
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            ended = _ended || _ending;
            reported = _failureReported;
        }

        // What was refused does not keep the run from ending, and is thrown after it has.
        Exception? lost = null;
        for (var attempt = 1; !ended && attempt <= 2; attempt++)
        {
            try
            {
                await CompleteAsync(RunStatus.Failed, CancellationToken.None).ConfigureAwait(false);
                ended = true;
            }
            catch (RunFinishedException)
            {
                ended = true;
            }
            catch (EntityConflictException error)
            {
                lost = error;
            }
            catch (Exception error) when (reported)
            {
                LogLost(error, Id);
                break;
            }
            catch (Exception error)
            {
                lost = error;
                break;
            }
        }

        lock (_gate)
        {
            if (_endedElsewhere is not null && _outstanding > 0 && !_failureReported) lost ??= _endedElsewhere;
            _ended = true;
        }

        await ReleaseAsync().ConfigureAwait(false);
        if (lost is null) return;
        LogLost(lost, Id);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(lost);
    }

    private async ValueTask ReleaseAsync()
    {
        _onEnded(Id);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task EndAsync(RunStatus status, CancellationToken cancellationToken)
    {
        var endTime = DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
        var attempts = 0;
        try
        {
            await RetryAsync(
                () =>
                {
                    attempts++;
                    return _runs.EndRunAsync(Id, status, endTime, cancellationToken);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (RunFinishedException) when (attempts > 1)
        {
            // The attempt that seemed to fail may have succeeded.
            var run = await _runs.FindRunAsync(Id, cancellationToken).ConfigureAwait(false);
            if (run?.Status != status || run.EndTime != endTime) throw;
        }
    }

    private void ThrowIfEnded(string attempted)
    {
        if (_endedElsewhere is not null)
        {
            _failureReported = true;
            throw TrackingErrors.Ended(Id, attempted);
        }

        if (_ended || _ending) throw TrackingErrors.Ended(Id, attempted);
    }

    private void WaitForRoom(string attempted)
    {
        while (true)
        {
            ThrowIfEnded(attempted);
            if (_outstanding < _options.BufferCapacity) return;
            if (_failure is not null)
            {
                _failureReported = true;
                throw new StorageException(
                    "tracker", attempted, $"The buffer of run '{Id}' is full because its store cannot be written: {_failure.Message}", _failure) { IsTransient = true };
            }

            Wake();
            Monitor.Wait(_gate);
        }
    }

    private void Count()
    {
        _logged++;
        _outstanding++;
        if (_buffer.Count >= _threshold)
        {
            Wake();
        }
        else if (!_armed)
        {
            _armed = true;
            _timer.Change(_options.FlushInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private Task WhenDurable()
    {
        if (_durable == _logged) return Task.CompletedTask;
        var waiter = new Waiter(_logged);
        _waiters.Add(waiter);
        Wake();
        return waiter.Task;
    }

    private void ThrowRefused()
    {
        Exception[] refused;
        lock (_gate)
        {
            refused = [.. _refused];
            _refused.Clear();
        }

        if (refused.Length == 1) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refused[0]);
        if (refused.Length > 1) throw new EntityConflictException("run", Id, $"{refused.Length} entries of run '{Id}' were refused. The first: {refused[0].Message}", new AggregateException(refused));
    }

    private sealed class Waiter(long target) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Target => target;
    }
}
