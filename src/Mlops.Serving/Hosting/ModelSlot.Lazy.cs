using Mlops.Models;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
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
                if (await _firstUse.LoadAsync(deadline, cancellationToken).ConfigureAwait(false) is { } failure)
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
        => new($"The model '{Name}' could not be loaded for the prediction: {error.Message}", _firstUse.RetryAfter, error);

    /// <summary>Begins to load a model that somebody asks about, unless it failed a moment ago.</summary>
    public void BeginLoad()
    {
        if (IsLazy && !_isClosed) _ = _firstUse.LoadAsync();
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
}
