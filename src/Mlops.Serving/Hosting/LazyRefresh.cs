using System.Collections.Concurrent;

namespace Mlops.Serving;

/// <summary>Looks now and then at the sources of all models that are loaded on first use: one task for any number of them. Safe for concurrent use.</summary>
/// <param name="slots">The models.</param>
/// <param name="options">Whether to look, how often, and at how many at the same time.</param>
/// <param name="time">The clock.</param>
internal sealed class LazyRefresh(IEnumerable<ModelSlot> slots, ModelHostOptions options, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What takes longer hangs, as far as one can tell, and must not keep the others from being looked at.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ModelSlot, Task> _looks = [];
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
            await LookAtAllAsync(token).ConfigureAwait(false);
        }

        await Task.WhenAll(_looks.Values).ConfigureAwait(false);
    }

    private Task LookAtAllAsync(CancellationToken stopping)
    {
        foreach (var (slot, look) in _looks)
        {
            if (look.IsCompleted) _looks.TryRemove(slot, out _);
        }

        var most = new ParallelOptions { MaxDegreeOfParallelism = options.MaxConcurrentLoads };
        return Parallel.ForEachAsync(slots.Where(slot => slot.IsLazy && !_looks.ContainsKey(slot)), most, async (slot, _) =>
        {
            if (stopping.IsCancellationRequested) return;
            var look = _looks[slot] = slot.RefreshAsync(stopping);
            await look.WaitAsync(s_patience, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
    }
}
