using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Serves models in process, each under a name, and swaps them while they serve.</summary>
/// <remarks>
/// <para>A new version is fetched, verified and loaded beside the one that serves. It must be callable by the present callers, predict its golden rows where it has some,
/// and answer a first call; then the switch is one atomic step, and the old one is disposed after its last prediction. When anything fails, the old one goes on.</para>
/// <para>A prediction is answered by one version from beginning to end. One that a loaded model answers on its caller's thread allocates nothing, and takes no lock of the host; those that are awaited or
/// <see cref="BatchingOptions">batched</see> take some for a moment, to be counted and to form batches, and one with a deadline sets a timer. Safe for concurrent use.</para>
/// </remarks>
/// <example><code>
/// await using var host = new ModelHost(registry, new ModelLoader(artifacts, [flavor]));
/// await host.AddAsync("ridership", ModelUri.Parse("models:/ridership@champion"));
/// var rides = await host.GetTyped&lt;Day, Rides&gt;("ridership").PredictAsync(today);
/// </code></example>
public sealed partial class ModelHost : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<ModelSlot, bool> _leaving = new();
    private readonly ModelHostServices _services;
    private readonly LazyRefresh _refresh;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isDisposed;

    /// <summary>Creates a host without models.</summary>
    /// <param name="resolver">The registry.</param>
    /// <param name="loader">Loads versions.</param>
    /// <param name="options">How it works; the defaults when <see langword="null"/>. They are copied.</param>
    /// <param name="observers">Who is told of every prediction; nobody when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public ModelHost(
        IModelResolver resolver,
        IModelLoader loader,
        ModelHostOptions? options = null,
        IEnumerable<IPredictionObserver>? observers = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null)
        : this(loader, options, observers, timeProvider, loggerFactory, meterFactory)
    {
        ArgumentNullException.ThrowIfNull(resolver);
        _services = _services with { Resolver = resolver };
    }

    /// <summary>Creates a host without models and without a registry: for models of directories, of archives and in memory.</summary>
    /// <param name="loader">Loads models.</param>
    /// <param name="options">How it works; the defaults when <see langword="null"/>. They are copied.</param>
    /// <param name="observers">Who is told of every prediction; nobody when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="loggerFactory">Where it logs; nowhere when <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public ModelHost(
        IModelLoader loader,
        ModelHostOptions? options = null,
        IEnumerable<IPredictionObserver>? observers = null,
        TimeProvider? timeProvider = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(loader);
        options ??= new ModelHostOptions();
        options.Validate();
        options = options.Copy();
        _logger = new SafeLogger((loggerFactory ?? NullLoggerFactory.Instance).CreateLogger<ModelHost>());
        _services = new ModelHostServices(
            null,
            loader,
            options,
            new PredictionObservers(observers ?? [], _logger),
            ServingTelemetry.Create(meterFactory),
            timeProvider ?? TimeProvider.System,
            _logger)
        {
            Swaps = new SwapSubscriptions(LogSubscriberFailed),
            Watch = new HangWatch(options.HangTimeout, timeProvider ?? TimeProvider.System, OnTick),
        };
        _refresh = new LazyRefresh(_slots.Select(static pair => pair.Value), options, _services.Time);
        _services.Telemetry.Observe(this);
    }

    /// <summary>Gets the memory of the models that are loaded, those that are replaced and still in use included, in bytes: what an <see cref="ISizedModel"/> says, else the size of the model directory.</summary>
    public long LoadedBytes => _services.Memory.Used;

    /// <summary>Loads a model and serves it under a name.</summary>
    /// <param name="name">The name: 1 to 256 characters, without <c>/</c>, <c>:</c>, <c>@</c> and control characters.</param>
    /// <param name="uri">The address it follows.</param>
    /// <param name="options">How it is served; the defaults when <see langword="null"/>. They are copied. For a name that is served already they change nothing.</param>
    /// <param name="cancellationToken">Cancels the loading; nothing is added then.</param>
    /// <returns>The generation that serves. Adding the same name and address again changes nothing.</returns>
    /// <exception cref="ArgumentException">The name is served from another address.</exception>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ModelLoadException">The model cannot be loaded; nothing is added.</exception>
    public Task<HostedModel> AddAsync(string name, ModelUri uri, HostedModelOptions? options = null, CancellationToken cancellationToken = default)
        => AddAsync(name, ModelSource.FromRegistry(uri), options, cancellationToken);

    /// <summary>Loads a model and serves it under a name.</summary>
    /// <inheritdoc cref="AddAsync(string, ModelUri, HostedModelOptions?, CancellationToken)"/>
    public Task<HostedModel> AddAsync(string name, ModelUri uri, CancellationToken cancellationToken) => AddAsync(name, uri, null, cancellationToken);

    /// <summary>Loads a model from any source and serves it under a name.</summary>
    /// <param name="name">The name: 1 to 256 characters, without <c>/</c>, <c>:</c>, <c>@</c> and control characters.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="options">How it is served; the defaults when <see langword="null"/>. They are copied. For a name that is served already they change nothing.</param>
    /// <param name="cancellationToken">Cancels the loading; nothing is added then.</param>
    /// <returns>The generation that serves. Adding the same name and source again changes nothing.</returns>
    /// <exception cref="ArgumentException">The name is served from another source.</exception>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The source needs a registry and the host has none.</exception>
    /// <exception cref="ModelLoadException">The model cannot be loaded; nothing is added.</exception>
    public async Task<HostedModel> AddAsync(string name, ModelSource source, HostedModelOptions? options = null, CancellationToken cancellationToken = default)
    {
        var slot = Declare(name, source, options);
        try
        {
            var model = slot.Model ?? await slot.ReloadAsync(cancellationToken).ConfigureAwait(false);
            slot.Watch();
            return model;
        }
        catch when (slot.TryAbandon())
        {
            _slots.TryRemove(new(name, slot));
            await slot.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Adds a model that is loaded by the first prediction that needs it, whatever <see cref="HostedModelOptions.Load"/> says.</summary>
    /// <param name="name">The name: 1 to 256 characters, without <c>/</c>, <c>:</c>, <c>@</c> and control characters.</param>
    /// <param name="source">Where it comes from. It is not looked at yet.</param>
    /// <param name="options">How it is served; the defaults when <see langword="null"/>. They are copied. For a name that is served already they change nothing.</param>
    /// <exception cref="ArgumentException">The name is served from another source.</exception>
    /// <exception cref="FormatException">The name is not allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">The source needs a registry and the host has none.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public void Add(string name, ModelSource source, HostedModelOptions? options = null) => Declare(name, source, options, isLazy: true);

    /// <summary>Stops to serve a model. Calls that are running end as usual, later ones are rejected.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether there was such a model; completes when its last prediction has ended and it is disposed, or after <see cref="ModelHostOptions.DrainTimeout"/>; what still runs then is disposed when it ends, and health checks tell of it if it hangs.</returns>
    public async Task<bool> RemoveAsync(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_slots.TryGetValue(name, out var slot) || !_leaving.TryAdd(slot, true)) return false;
        if (!_slots.TryRemove(KeyValuePair.Create(name, slot)))
        {
            _leaving.TryRemove(slot, out _);
            return false; // Another call was faster.
        }

        try
        {
            await LeaveAsync(slot).WaitAsync(_services.Options.DrainTimeout, _services.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogRemovalTimedOut(name, _services.Options.DrainTimeout.TotalSeconds);
        }

        return true;
    }

    /// <summary>Gets the predictor of a model. It stays the same object for as long as the model is hosted; each call goes to the generation that is current when it begins.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The predictor. Disposing it does nothing; predictions are rejected with <see cref="PredictionRejectedException"/> before the model is loaded and after the host is disposed. A model that is loaded on first use is loaded by the first of them; its signature is known from then on, and <see cref="AcquireAsync"/> loads it before.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public IPredictor Get(string name) => Find(name).Predictor;

    /// <summary>Gets the typed predictor of a model. From then on, a generation that does not fit the types is refused. The first one is not: where no generation has served yet and the first one does not fit, the predictions of this predictor fail with <see cref="ArgumentException"/>, and nobody else's.</summary>
    /// <typeparam name="TInput">The input of one prediction.</typeparam>
    /// <typeparam name="TOutput">The output of one prediction.</typeparam>
    /// <param name="name">The name.</param>
    /// <returns>The predictor, as <see cref="Get"/> gives it.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    /// <exception cref="ArgumentException">The types do not fit the model; the message names the input or output.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public IPredictor<TInput, TOutput> GetTyped<TInput, TOutput>(string name)
        where TInput : ITensorRow<TInput>
        where TOutput : ITensorRow<TOutput>
    {
        var predictor = new HostedPredictor<TInput, TOutput>(Find(name).Predictor);
        predictor.Require();
        return predictor;
    }

    /// <summary>Takes a lease of the current generation, for several predictions that one version must answer.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The lease; the caller disposes it.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    /// <exception cref="PredictionRejectedException">The model is not loaded yet.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public ModelLease Acquire(string name)
    {
        var slot = Find(name);
        return new ModelLease(slot.TryAcquire() ?? throw slot.NotServing());
    }

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

    /// <summary>Gets the generation that answers, with the profile of its training data.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The generation; <see langword="null"/> before the first one is loaded.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public HostedModel? GetModel(string name) => Find(name).Model;

    /// <summary>Gets how all models are doing.</summary>
    /// <returns>The status of each model, ordered by name; without a current generation after the host is disposed.</returns>
    public IReadOnlyList<HostedModelStatus> GetStatus()
        => [.. _slots.Values.Select(slot => slot.GetStatus()).OrderBy(status => status.Name, StringComparer.Ordinal)];

    /// <summary>Gets how one model is doing.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The status.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed.</exception>
    public HostedModelStatus GetStatus(string name) => Find(name).GetStatus();

    /// <summary>Brings a model to the version that its address points to now.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the loading; the present generation goes on.</param>
    /// <returns>The generation that answers now; it is the present one when that is already the right version.</returns>
    /// <exception cref="EntityNotFoundException">There is no such model in the host.</exception>
    /// <exception cref="ModelLoadException">The version cannot be loaded or was refused; the present generation goes on.</exception>
    /// <exception cref="ObjectDisposedException">The host is disposed, perhaps while the version was loading.</exception>
    public Task<HostedModel> ReloadAsync(string name, CancellationToken cancellationToken = default) => Find(name).ReloadAsync(cancellationToken);

    /// <summary>Subscribes to swaps: to change the reference profile of a monitor, for instance.</summary>
    /// <param name="callback">
    /// Is called at once for every model that is served already – for one that is out of memory, when it is loaded again –, and after each switch, once, in order and one at a time.
    /// It must be quick and must not wait for this host; what it throws is logged.
    /// </param>
    /// <returns>Ends the subscription when disposed.</returns>
    public IDisposable OnSwapped(Action<ModelSwap> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return _services.Swaps.Add(callback, _slots.Values);
    }

    /// <summary>Stops to serve: calls that are running end as usual, later ones are rejected, and the models are disposed.</summary>
    /// <returns>A task that completes when all models are disposed, or after <see cref="ModelHostOptions.DrainTimeout"/>; what still runs then is disposed when it ends.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            await _disposed.Task.ConfigureAwait(false);
            return;
        }

        // First the models that serve, then those that leave: one that is being removed is among the one or the other.
        List<ModelSlot> slots = [.. _slots.Values, .. _leaving.Keys];
        try
        {
            await Task.WhenAll([_refresh.DisposeAsync().AsTask(), .. slots.Select(slot => slot.DisposeAsync().AsTask())]).WaitAsync(_services.Options.DrainTimeout, _services.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogDrainTimedOut(_services.Options.DrainTimeout.TotalSeconds);
        }
        finally
        {
            _services.Telemetry.Forget(this);
            _services.Watch.Dispose();
            _disposed.SetResult();
        }
    }

    /// <summary>Whether it has been disposed, or is about to be.</summary>
    internal bool IsDisposed => Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Gets the generations that answer.</summary>
    internal IEnumerable<HostedModel> ListModels() => _slots.Values.Select(slot => slot.Model).OfType<HostedModel>();

    /// <summary>Makes a place for a model that is loaded later.</summary>
    internal ModelSlot Declare(string name, ModelSource source, HostedModelOptions? options, bool isLazy = false)
    {
        options ??= new HostedModelOptions();
        options.Validate();
        options = options.Copy();
        ModelUri.CheckName(name);
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        ModelSlot slot;
        while (true)
        {
            // Anew each time: somebody else may have found the one before, and given it up.
            var created = new ModelSlot(name, source, options, _services, isLazy || options.Load == ModelLoading.OnFirstUse);
            slot = _slots.GetOrAdd(name, created);
            if (Volatile.Read(ref _isDisposed) != 0)
            {
                // Disposing may have looked before the slot was there.
                _slots.TryRemove(new(name, created));
                throw new ObjectDisposedException(nameof(ModelHost));
            }

            if (!slot.Source.IsSame(source))
                throw new ArgumentException($"The model '{name}' is served from {slot.Source}; it cannot be served from {(source.ToString() == slot.Source.ToString() ? "another one of that kind" : source)} too. Choose another name.", nameof(name));
            if (slot.TryHold()) break;

            // Whoever had added it has just given it up.
            _slots.TryRemove(new(name, slot));
        }

        if (slot.IsLazy) _refresh.Begin();
        return slot;
    }

    /// <summary>Loads what was declared and begins to watch.</summary>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        var loads = new ParallelOptions { MaxDegreeOfParallelism = _services.Options.MaxConcurrentLoads, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(_slots.Values.Where(slot => !slot.IsLazy), loads, async (slot, token) =>
        {
            try
            {
                if (slot.Model is null) await slot.ReloadAsync(token).ConfigureAwait(false);
            }
            catch (ModelLoadException) when (!_services.Options.RequireModelsAtStart)
            {
                // Logged where it happened; the watching tries again what may pass.
            }

            slot.Watch();
        }).ConfigureAwait(false);
    }

    /// <summary>Gets how the models are doing that were removed, and whose last predictions have not ended.</summary>
    internal IEnumerable<HostedModelStatus> GetLeaving() => _leaving.Keys.Select(slot => slot.GetStatus());

    private async Task LeaveAsync(ModelSlot slot)
    {
        try
        {
            await slot.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _leaving.TryRemove(slot, out _);
        }
    }

    private void OnTick()
    {
        _services.Memory.BeginPeriod();
        foreach (var slot in _slots.Values) slot.FindHanging();
        foreach (var slot in _leaving.Keys) slot.FindHanging();
    }

    private ModelSlot Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return _slots.TryGetValue(name, out var slot)
            ? slot
            : throw new EntityNotFoundException("hosted model", name, $"The host serves no model '{name}', {DescribeServed()}. Add it with {nameof(AddAsync)}, or with AddModel where serving is registered.");
    }

    private string DescribeServed()
    {
        var names = _slots.Keys;
        return names.Count == 0 ? "and no other" : $"only {Wording.Quoted(names.Order(StringComparer.Ordinal))}";
    }
}
