using Mlops.Models;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(49);

    private Task<ModelLoadException?>? _firstUse;
    private ModelLoadException? _refusal;
    private long _refusedAt;
    private int _refusals;
    private int _demand;
    private int _lastUsed;
    private HostedModel? _evicted;

    /// <summary>Gets whether the model is loaded when it is needed.</summary>
    public bool IsLazy { get; }

    /// <summary>Gets whether the model may be taken out of memory while nobody uses it.</summary>
    public bool IsEvictable { get; }

    public int LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Notes that the model is used.</summary>
    public void Touch()
    {
        var tick = _services.Memory.Tick;
        if (_lastUsed != tick) _lastUsed = tick;
    }

    /// <summary>Takes a reference to the current generation, which is loaded first where it is not in memory: once for all callers that wait.</summary>
    /// <exception cref="ModelLoadException">The model cannot be loaded now.</exception>
    /// <exception cref="PredictionRejectedException">The model is not served any more, or the deadline passes first.</exception>
    public async ValueTask<ModelGeneration> AcquireAsync(DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        // What somebody waits for is not evicted before he has it.
        Interlocked.Increment(ref _demand);
        try
        {
            while (true)
            {
                if (TryAcquire() is { } generation) return generation;
                cancellationToken.ThrowIfCancellationRequested();
                if (_isClosed || !IsLazy) throw NotServing();
                if (await WaitAsync(LoadOnceAsync(), deadline, cancellationToken).ConfigureAwait(false) is { } failure)
                    throw new ModelLoadException(failure.ModelUri, failure.Message, failure) { IsTransient = failure.IsTransient };
            }
        }
        finally
        {
            Interlocked.Decrement(ref _demand);
        }
    }

    /// <summary>Makes the exception for a prediction whose model cannot be loaded.</summary>
    public PredictionRejectedException NotLoaded(ModelLoadException error)
    {
        lock (_lock)
        {
            return new PredictionRejectedException(
                $"The model '{Name}' could not be loaded for the prediction: {error.Message}", _services.Options.DelayAfter(Math.Max(1, _refusals)), error);
        }
    }

    /// <summary>Begins to load a model that somebody asks about, unless it failed a moment ago.</summary>
    public void BeginLoad()
    {
        if (IsLazy && !_isClosed) _ = LoadOnceAsync();
    }

    /// <summary>Takes the model out of memory unless it is in use, waited for, or being swapped.</summary>
    /// <returns>Completes when it is disposed; <see langword="null"/> when it stays.</returns>
    public Task? TryEvict()
    {
        if (!_swapping.Wait(0, CancellationToken.None)) return null;
        try
        {
            // A call whose caller was let go takes its memory until it ends; without it, nothing would be gained.
            if (_current is not { } generation || IsRunning(generation)) return null;
            lock (_lock)
            {
                if (_isClosed || !ReferenceEquals(_current, generation) || Volatile.Read(ref _demand) > 0) return null;

                // What a probation keeps, and what serves in the place of a version that was refused, could not be loaded again.
                if (_probation is not null || _refused is not null) return null;

                // Away before it is retired, so that who calls meanwhile waits for a load instead of trying again and again.
                _current = null;
                if (!generation.TryRetireIdle())
                {
                    _current = generation;
                    return null;
                }

                _draining.Add(generation);
                _evicted = generation.Model with { Profile = null };
            }

            LogEvicted(Name, generation.Model.Version.Version);
            return generation.Disposed;
        }
        finally
        {
            _swapping.Release();
        }
    }

    private Task<ModelLoadException?> LoadOnceAsync()
    {
        lock (_lock)
        {
            if (_firstUse is { IsCompleted: false }) return _firstUse;
            if (_refusal is not null && _services.Time.GetElapsedTime(_refusedAt) < _services.Options.DelayAfter(_refusals)) return Task.FromResult<ModelLoadException?>(_refusal);

            // The load is of all callers: none of them cancels it, and it keeps the trace of none.
            using (ExecutionContext.SuppressFlow()) return _firstUse = Task.Run(LoadForCallersAsync);
        }
    }

    private async Task<ModelLoadException?> LoadForCallersAsync()
    {
        ModelLoadException? failure = null;
        try
        {
            await ReloadAsync(CancellationToken.None, isAsked: false).ConfigureAwait(false);
        }
        catch (ModelLoadException error)
        {
            failure = error;
        }
        catch (ObjectDisposedException)
        {
            return null; // Who waits sees that the slot is closed.
        }

        lock (_lock)
        {
            // Somebody else may have brought it to serve meanwhile.
            if (failure is null || _current is not null) return failure;
            _refusal = failure;
            _refusedAt = _services.Time.GetTimestamp();
            _refusals++;
        }

        return failure;
    }

    private async Task<ModelLoadException?> WaitAsync(Task<ModelLoadException?> loading, DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        if (deadline is null) return await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        var left = deadline.Value - _services.Time.GetUtcNow();
        try
        {
            if (left > TimeSpan.Zero) return await loading.WaitAsync(left < s_longestWait ? left : s_longestWait, _services.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Told below.
        }

        throw new PredictionRejectedException($"The deadline of the prediction by '{Name}' passed before the model was loaded.", _services.Options.RetryDelay);
    }
}
