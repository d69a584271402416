using Mlops.Models;

namespace Mlops.Serving;

public sealed partial class ModelHost
{
    private readonly CancellationTokenSource _refreshStop = new();
    private readonly Lock _refreshLock = new();
    private Task? _refreshing;

    /// <summary>Gets the memory of the models that are loaded, those that are replaced and still in use included, in bytes: what an <see cref="ISizedModel"/> says, else the size of the model directory.</summary>
    public long LoadedBytes => _services.Memory.Used;

    /// <summary>Adds a model that is loaded by the first prediction that needs it, whatever <see cref="HostedModelOptions.Load"/> says.</summary>
    /// <param name="name">The name: 1 to 256 characters, without <c>/</c>, <c>:</c>, <c>@</c> and control characters.</param>
    /// <param name="source">Where it comes from. It is not looked at yet.</param>
    /// <param name="options">How it is served; the defaults when <see langword="null"/>. For a name that is served already they change nothing.</param>
    /// <exception cref="ArgumentException">The name is served from another source.</exception>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The source needs a registry and the host has none.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public void Add(string name, ModelSource source, HostedModelOptions? options = null) => Declare(name, source, options, isLazy: true);

    /// <summary>Takes a lease of the current generation, for several predictions that one version must answer. A model that is loaded on first use is loaded where it is not in memory.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the waiting; the loading goes on.</param>
    /// <returns>The lease; the caller disposes it. Until then the model is not evicted.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    /// <exception cref="ModelLoadException">The model cannot be loaded; it is tried again when some time has passed.</exception>
    /// <exception cref="PredictionRejectedException">The model is not served yet or any more.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public async Task<ModelLease> AcquireAsync(string name, CancellationToken cancellationToken = default)
        => new(await Find(name).AcquireAsync(null, cancellationToken).ConfigureAwait(false));

    /// <summary>Begins to look at the sources of all models that are loaded on first use: one task for any number of them.</summary>
    private void BeginRefreshing()
    {
        if (!_services.Options.AutoReload) return;
        lock (_refreshLock)
        {
            if (_refreshing is not null) return;
            using (ExecutionContext.SuppressFlow()) _refreshing = Task.Run(() => RefreshAsync(_refreshStop.Token));
        }
    }

    private async Task RefreshAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(_services.Options.PollInterval, _services.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var looks = new ParallelOptions { MaxDegreeOfParallelism = _services.Options.MaxConcurrentLoads };
            await Parallel.ForEachAsync(_slots.Values.Where(slot => slot.IsLazy), looks, async (slot, _) =>
            {
                if (!stopping.IsCancellationRequested) await slot.RefreshAsync(stopping).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }

    private async Task StopRefreshingAsync()
    {
        await _refreshStop.CancelAsync().ConfigureAwait(false);
        Task? refreshing;
        lock (_refreshLock) refreshing = _refreshing;
        if (refreshing is not null) await refreshing.ConfigureAwait(false);
    }
}
