namespace Mlops.Serving;

/// <summary>The load that the callers of a model wait for: one for all of them, and after one that failed none before some time has passed. Safe for concurrent use.</summary>
internal sealed class FirstUse(ModelSlot slot, ModelHostServices services)
{
    private readonly Lock _lock = new();
    private Task<ModelLoadException?>? _loading;
    private ModelLoadException? _refusal;
    private long _refusedAt;
    private int _refusals;

    /// <summary>Gets after what time another attempt is made.</summary>
    public TimeSpan RetryAfter
    {
        get
        {
            lock (_lock) return services.Options.DelayAfter(Math.Max(1, _refusals));
        }
    }

    /// <summary>Forgets what failed: the model serves.</summary>
    public void OnServing()
    {
        lock (_lock) (_refusal, _refusals) = (null, 0);
    }

    /// <summary>Begins to load, unless that is going on or failed a moment ago.</summary>
    /// <returns>Why it failed; <see langword="null"/> when it did not, or the slot was closed.</returns>
    public Task<ModelLoadException?> LoadAsync()
    {
        lock (_lock)
        {
            if (_loading is { IsCompleted: false }) return _loading;
            if (_refusal is not null && services.Time.GetElapsedTime(_refusedAt) < services.Options.DelayAfter(_refusals)) return Task.FromResult<ModelLoadException?>(_refusal);

            // The load is of all callers: none of them cancels it, and it keeps the trace of none; but it may be within another one.
            var outer = LoadPlace.Current;
            using (ExecutionContext.SuppressFlow()) return _loading = Task.Run(() => LoadForCallersAsync(outer));
        }
    }

    /// <summary>Loads, and waits no longer than a caller does.</summary>
    /// <exception cref="PredictionRejectedException">The deadline passes first.</exception>
    public async Task<ModelLoadException?> LoadAsync(DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        var loading = LoadAsync();
        if (deadline is null) return await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        var left = deadline.Value - services.Time.GetUtcNow();
        try
        {
            if (left > TimeSpan.Zero) return await loading.WaitAsync(WaitLimit.Clamp(left), services.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Told below.
        }

        throw new PredictionRejectedException($"The deadline of the prediction by '{slot.Name}' passed before the model was loaded.", services.Options.RetryDelay);
    }

    private async Task<ModelLoadException?> LoadForCallersAsync(LoadPlace? outer)
    {
        outer?.Enter();
        try
        {
            await slot.ReloadAsync(CancellationToken.None, isAsked: false).ConfigureAwait(false);
            return null;
        }
        catch (ModelLoadException error)
        {
            lock (_lock)
            {
                // Somebody else may have brought it to serve meanwhile.
                if (slot.Model is null) (_refusal, _refusedAt, _refusals) = (error, services.Time.GetTimestamp(), _refusals + 1);
            }

            return error;
        }
        catch (ObjectDisposedException)
        {
            return null; // Who waits sees that the slot is closed.
        }
    }
}
