namespace Mlops.Tracking;

internal sealed partial class BufferedRun
{
    private static readonly TimeSpan s_longestCapture = TimeSpan.FromSeconds(10);

    private const string Uncompleted = "Disposed: the run was disposed before it was completed.";

    private readonly TaskCompletionSource _disposal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _capture = Task.CompletedTask;
    private TaskCompletionSource _completing = Completed();
    private volatile RunSnapshot? _completed;

    /// <summary>Adds the tags of the environment when they are known; the run does not end before, unless that takes too long.</summary>
    public void AddWhenKnown(Task<IReadOnlyDictionary<string, string>> environment) => _capture = AddAsync(environment);

    public override async Task FlushAsync(CancellationToken cancellationToken = default)
    {
        TaskCompletionSource durable;
        lock (_writer.Gate)
        {
            if (BrokenBy is not null) ThrowIfEnded("flushing");
            if (_state == Ended) return;
            durable = WhenDurable();
        }

        await WaitAsync(durable, cancellationToken).ConfigureAwait(false);
        if (TakeRefused() is { } refused) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refused);
    }

    public override async Task<RunSnapshot> CompleteAsync(RunStatus status = RunStatus.Finished, CancellationToken cancellationToken = default)
    {
        await EndAsync(status, null, cancellationToken).ConfigureAwait(false);
        return _completed!;
    }

    private async Task EndAsync(RunStatus status, string? reason, CancellationToken cancellationToken)
    {
        if (status is not (RunStatus.Finished or RunStatus.Failed or RunStatus.Killed))
            throw new ArgumentOutOfRangeException(nameof(status), status, "A run is completed as Finished, Failed or Killed.");
        if (!_capture.IsCompleted) await Task.WhenAny(_capture, Task.Delay(s_longestCapture, TimeProvider.System, cancellationToken)).ConfigureAwait(false);
        var ending = new RunEnding(new RunEnd(status, StoredTime.Now(_time)));
        TaskCompletionSource durable;
        lock (_writer.Gate)
        {
            ThrowIfEnded("completing");
            (_state, _ending) = (Ending, ending);
            if (reason is not null && !_hasError) ending.Reason = _tags[RunTags.Error] = reason;
            _completing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // Those who wait for room to log learn that it is too late.
            _writer.ReleaseWaiters(force: false);
            durable = WhenDurable();
        }

        try
        {
            await WaitAsync(durable, cancellationToken).ConfigureAwait(false);
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
        if (refused is not null)
        {
            _completed = DescribeKnown(ending);
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(refused);
        }

        _completed = await DescribeAsync(ending, cancellationToken).ConfigureAwait(false);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        bool isFirst;
        Task completing;
        lock (_writer.Gate)
        {
            isFirst = !_disposed;
            _disposed = true;
            completing = _completing.Task;
        }

        if (!isFirst)
        {
            // Who disposed it first is told what is lost.
            await _disposal.Task.ConfigureAwait(false);
            return;
        }

        try
        {
            await EndUncompletedAsync(completing).ConfigureAwait(false);
        }
        finally
        {
            _disposal.TrySetResult();
        }
    }

    private async Task EndUncompletedAsync(Task completing)
    {
        bool ended, told;
        RunEnd? asked;
        // Somebody else may be completing it, or may have given up while the store was asked; whether that succeeds decides what is left to do.
        await completing.ConfigureAwait(false);
        lock (_writer.Gate)
        {
            ended = HasEnded || _state == Ending;
            // Of what was logged since then, nobody was.
            told = CountLogged() <= ToldEntries;
            // An end that the store may have made is asked for once more.
            asked = Pass.AskedEnd;
        }

        var lost = ended ? null : await TryEndAsync(asked?.Status ?? RunStatus.Failed, asked is null ? Uncompleted : null, told).ConfigureAwait(false);
        lock (_writer.Gate) _state = Ended;
        await ReleaseAsync().ConfigureAwait(false);
        // What was refused did not keep the run from ending, and is thrown after it has.
        lost ??= TakeRefused();
        if (lost is null) return;
        LogLost(_mask.MaskText(lost.Message), Id);
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(lost);
    }

    // Returns what nobody was told of.
    private async Task<Exception?> TryEndAsync(RunStatus status, string? reason, bool isTold)
    {
        var isBrokenTold = IsBrokenTold;
        try
        {
            await EndAsync(status, reason, CancellationToken.None).ConfigureAwait(false);
            // It was disposed, which is no completion that a caller has asked for.
            _completed = null;
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

        return DescribeKnown(ending);
    }

    private RunSnapshot DescribeKnown(RunEnding ending)
    {
        lock (_writer.Gate)
        {
            return _snapshot with
            {
                Name = _name,
                Status = ending.End.Status,
                EndTime = ending.End.Time,
                Params = _known.SortByName(),
                Tags = _tags.SortByName(),
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
    private TaskCompletionSource WhenDurable()
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiters.Add(waiter);
        _writer.Wake();
        return waiter;
    }

    // Who gives up hears nothing any more, and who hears of a failure has not given up.
    private static async Task WaitAsync(TaskCompletionSource waiter, CancellationToken cancellationToken)
    {
        using var giving = cancellationToken.UnsafeRegister(static (waiter, token) => ((TaskCompletionSource)waiter!).TrySetCanceled(token), waiter);
        await waiter.Task.ConfigureAwait(false);
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
