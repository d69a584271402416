namespace Mlops.Tracking;

internal sealed partial class BufferedRun
{
    private static readonly TimeSpan s_longestCapture = TimeSpan.FromSeconds(10);

    private Task _capture = Task.CompletedTask;
    private TaskCompletionSource _completing = Completed();

    /// <summary>Adds the tags of the environment when they are known; the run does not end before, unless that takes too long.</summary>
    public void AddWhenKnown(Task<IReadOnlyDictionary<string, string>> environment) => _capture = AddAsync(environment);

    public override async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        Task durable;
        lock (_writer.Gate)
        {
            if (BrokenBy is not null) ThrowIfEnded("flushing");
            if (_state == Ended) return;
            durable = WhenDurable();
        }

        await durable.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (TakeRefused() is { } refused) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refused);
    }

    public override async Task<RunSnapshot> CompleteAsync(RunStatus status = RunStatus.Finished, CancellationToken cancellationToken = default)
    {
        if (status is not (RunStatus.Finished or RunStatus.Failed or RunStatus.Killed))
            throw new ArgumentOutOfRangeException(nameof(status), status, "A run is completed as Finished, Failed or Killed.");
        if (!_capture.IsCompleted) await Task.WhenAny(_capture, Task.Delay(s_longestCapture, TimeProvider.System, cancellationToken)).ConfigureAwait(false);
        var ending = new RunEnding(new RunEnd(status, DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds())));
        Task durable;
        lock (_writer.Gate)
        {
            ThrowIfEnded("completing");
            (_state, _ending) = (Ending, ending);
            _completing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // Those who wait for room to log learn that it is too late.
            _writer.ReleaseWaiters(force: false);
            durable = WhenDurable();
        }

        try
        {
            await durable.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // After a failure the run goes on, so that completing can be tried again.
            lock (_writer.Gate)
            {
                // A disposal waits until it is known what becomes of it.
                ending.IsAbandoned = ending.IsExecuting;
                if (!ending.IsExecuting)
                {
                    if (!HasEnded) GoOn(ending);
                    _completing.TrySetResult();
                }
            }

            throw;
        }

        // The run has ended, whether what was refused was written with its end or before; a disposal that waits for this leaves telling it to us.
        var refused = TakeRefused();
        _completing.TrySetResult();
        await ReleaseAsync().ConfigureAwait(false);
        if (refused is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refused);
        return await DescribeAsync(ending, cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        bool ended, told;
        RunEnd? asked;
        Task completing;
        lock (_writer.Gate)
        {
            if (_disposed) return;
            _disposed = true;
            completing = _completing.Task;
        }

        // Somebody else may be completing it, or may have given up while the store was asked; whether that succeeds decides what is left to do.
        await completing.ConfigureAwait(false);
        lock (_writer.Gate)
        {
            ended = HasEnded || _state == Ending;
            told = IsFailureTold;
            // An end that the store may have made is asked for once more.
            asked = Pass.AskedEnd;
        }

        var lost = ended ? null : await TryEndAsync(asked?.Status ?? RunStatus.Failed, told).ConfigureAwait(false);
        lock (_writer.Gate) _state = Ended;
        await ReleaseAsync().ConfigureAwait(false);
        // What was refused did not keep the run from ending, and is thrown after it has.
        lost ??= TakeRefused();
        if (lost is null) return;
        LogLost(_mask.MaskText(lost.Message), Id);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(lost);
    }

    // Returns what nobody was told of.
    private async Task<Exception?> TryEndAsync(RunStatus status, bool isTold)
    {
        var isBrokenTold = IsBrokenTold;
        try
        {
            await CompleteAsync(status, CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (BrokenBy is not null)
        {
            // Nothing can be written to it any more; whoever has been told, or has lost nothing, needs no exception.
            return !isBrokenTold && _lostEntries > 0 ? error : null;
        }
        catch (Exception error) when (isTold && !HasEnded)
        {
            LogLost(_mask.MaskText(error.Message), Id);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private async Task AddAsync(Task<IReadOnlyDictionary<string, string>> environment) => SetMissingTags(await environment.ConfigureAwait(false));

    private async ValueTask ReleaseAsync()
    {
        _onEnded(this);
        _writer.Remove(this);
        if (_sampler is not null) await _sampler.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<RunSnapshot> DescribeAsync(RunEnding ending, CancellationToken cancellationToken)
    {
        if (!ending.IsSpooled)
        {
            try
            {
                return await _runs.FindRunAsync(Id, cancellationToken).ConfigureAwait(false) ?? throw TrackingErrors.Run(Id);
            }
            catch (StorageException error)
            {
                // The run has ended; that it cannot be read just now is no reason to say otherwise.
                LogUnreadable(_mask.MaskText(error.Message), Id);
            }
        }

        lock (_writer.Gate)
        {
            return _snapshot with
            {
                Name = _name,
                Status = ending.End.Status,
                EndTime = ending.End.Time,
                Params = new Dictionary<string, string>(_known, StringComparer.Ordinal),
                Tags = new Dictionary<string, string>(_tags, StringComparer.Ordinal),
                Inputs = [.. _inputs],
            };
        }
    }

    private void GoOn(RunEnding ending)
    {
        ending.IsWithdrawn = true;
        if (_ending != ending) return;
        _ending = null;
        if (BrokenBy is null) _state = Running;
    }

    // Always by a pass: what other threads have logged before is found by looking for it.
    private Task WhenDurable()
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Add(waiter);
        _writer.Wake();
        return waiter.Task;
    }

    private Exception? TakeRefused()
    {
        Exception[] refused;
        lock (_writer.Gate)
        {
            refused = [.. _refused];
            _refused.Clear();
        }

        return refused.Length > 1
            ? new EntityConflictException("run", Id, $"{refused.Length} entries of run '{Id}' were refused. The first: {refused[0].Message}", new AggregateException(refused))
            : refused.FirstOrDefault();
    }
}
