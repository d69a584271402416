namespace Mlops.Serving;

/// <summary>Looks now and then at the sources of all models that are loaded on first use: one task for any number of them. Safe for concurrent use.</summary>
/// <param name="slots">The models.</param>
/// <param name="options">Whether to look, how often, and at how many at the same time.</param>
/// <param name="time">The clock.</param>
internal sealed class LazyRefresh(IEnumerable<ModelSlot> slots, ModelHostOptions options, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task? _running;

    /// <summary>Begins, unless it has begun or nothing is to be followed.</summary>
    public void Begin()
    {
        if (!options.AutoReload) return;
        lock (_lock)
        {
            if (_running is not null || _stopping.IsCancellationRequested) return;

            // It outlives the call that began it: it must not keep that call's ambient values.
            using (ExecutionContext.SuppressFlow()) _running = Task.Run(RunAsync);
        }
    }

    /// <summary>Ends it; completes when it looks at nothing any more.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Task? running;
        lock (_lock) running = _running;
        if (running is not null) await running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var token = _stopping.Token;
        while (!token.IsCancellationRequested)
        {
            await Task.Delay(options.PollInterval, time, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var looks = new ParallelOptions { MaxDegreeOfParallelism = options.MaxConcurrentLoads };
            await Parallel.ForEachAsync(slots.Where(slot => slot.IsLazy), looks, async (slot, _) =>
            {
                if (!token.IsCancellationRequested) await slot.RefreshAsync(token).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }
}
