using System.Globalization;
using Microsoft.Extensions.Logging;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A place in the host that one model at a time serves: brings together its source, its generations and its callers. Safe for concurrent use.</summary>
internal sealed partial class ModelSlot : IAsyncDisposable
{
    private readonly ModelHostServices _services;
    private readonly ILogger _logger;
    private readonly CallerContract _callers = new();
    private readonly LastUse _lastUse;
    private readonly LastServed _lastServed;
    private readonly SourceResolver _resolver;
    private readonly ModelReloader _reloader;
    private readonly SourceFollower _follower;
    private readonly FirstUse _firstUse;
    private readonly SemaphoreSlim _swapping = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private Task? _following;
    private int _holds;
    private int _hanging;

    public ModelSlot(string name, ModelSource source, HostedModelOptions options, ModelHostServices services, bool isLazy)
    {
        Name = name;
        Source = source;
        IsLazy = isLazy;
        IsEvictable = isLazy && !options.IsPinned;
        _services = services;
        _logger = services.Logger;
        var feed = source.Open(name, services);
        var loadTimeout = options.LoadTimeout ?? services.Options.LoadTimeout;
        _lastUse = new LastUse(services.Memory);
        _lastServed = new LastServed(name, source, services.Options.ServeLastGood && source.Uri is not null ? (services.Loader as ModelLoader)?.LastGood : null, services.Logger);
        Generations = new GenerationLine(_callers, options.Probation, services.Time, IsEvictable ? _lastUse : null, static generation => generation.Watch.Measure().Hanging, OnProbationEnded);
        var maker = new GenerationMaker(this, feed, _callers, options, loadTimeout, services, Generations.Remove);
        _resolver = new SourceResolver(name, source, feed, loadTimeout, services.Time, services.Logger);
        _reloader = new ModelReloader(this, Generations, _resolver, maker, _lastServed, feed.PollInterval is not null, services);
        _follower = new SourceFollower(this, feed, _resolver, services);
        _firstUse = new FirstUse(this, services);
        LoadNeed = new LoadNeed(this);
        Predictor = new HostedPredictor(this);
    }

    public string Name { get; }

    public ModelSource Source { get; }

    public GenerationLine Generations { get; }

    public HostedPredictor Predictor { get; }

    /// <summary>Gets whether loads of other models wait for this one.</summary>
    public LoadNeed LoadNeed { get; }

    /// <summary>Gets whether the model is loaded when it is needed.</summary>
    public bool IsLazy { get; }

    /// <summary>Gets whether the model may be taken out of memory while nobody uses it.</summary>
    public bool IsEvictable { get; }

    /// <summary>Gets the signature that callers rent their batches from; stays when the model is evicted and when the slot is closed.</summary>
    public ModelSignature? Signature => _callers.Signature;

    public HostedModel? Model => Generations.Model;

    public bool IsClosed => Generations.IsClosed;

    /// <summary>Gets whether the version that was served last serves, because what the source gives cannot be fetched.</summary>
    public bool IsLastGood => _reloader.IsLastGood;

    /// <summary>Gets whether the last attempt has failed because the source did not say what to serve.</summary>
    public bool IsUnanswered => _reloader.IsUnanswered;

    public long LastUsed => _lastUse.Tick;

    /// <summary>Gets or sets which change was told last, and who had subscribed last then; for <see cref="SwapSubscriptions"/>.</summary>
    public (long Change, long Subscription) Told { get; set; }

    /// <summary>Notes that somebody has added the model.</summary>
    /// <returns>Whether it is there to stay; not when the last one who had added it has given it up.</returns>
    public bool TryHold()
    {
        lock (_lock)
        {
            if (_holds < 0) return false;
            _holds++;
            return true;
        }
    }

    /// <summary>Gives up a model that could not be loaded.</summary>
    /// <returns>Whether nobody else has added it, so that it is to be removed.</returns>
    public bool TryAbandon()
    {
        lock (_lock)
        {
            if (Model is not null || --_holds > 0) return false;
            _holds = -1;
            return true;
        }
    }

    /// <summary>Notes that the model is used.</summary>
    public void Touch() => _lastUse.Touch();

    /// <summary>Takes a reference to the current generation.</summary>
    /// <returns>The generation, which the caller releases; <see langword="null"/> when there is none.</returns>
    public ModelGeneration? TryAcquire() => Generations.TryAcquire();

    /// <summary>Takes a reference to the current generation, which is loaded first where it is not in memory: once for all callers that wait.</summary>
    /// <exception cref="ModelLoadException">The model cannot be loaded now.</exception>
    /// <exception cref="PredictionRejectedException">The model is not served any more, or the deadline passes first.</exception>
    public async ValueTask<ModelGeneration> AcquireAsync(DateTimeOffset? deadline, CancellationToken cancellationToken)
    {
        Generations.BeginWait();
        try
        {
            while (true)
            {
                if (TryAcquire() is { } generation) return generation;
                cancellationToken.ThrowIfCancellationRequested();
                if (IsClosed || !IsLazy) throw NotServing();
                using var need = LoadNeed.BeginWait();
                if (await _firstUse.LoadAsync(deadline, cancellationToken).ConfigureAwait(false) is { } failure)
                {
                    // Each caller has an exception of its own: a stack is written into it.
                    throw new ModelLoadException(failure.ModelUri, failure.Message, failure.InnerException) { IsTransient = failure.IsTransient, SealFault = failure.SealFault };
                }
            }
        }
        finally
        {
            Generations.EndWait();
        }
    }

    /// <summary>Begins to load a model that somebody asks about, unless it failed a moment ago.</summary>
    public void BeginLoad()
    {
        if (IsLazy && !IsClosed) _ = _firstUse.LoadAsync();
    }

    public PredictionRejectedException NotServing() => IsClosed
        ? new PredictionRejectedException($"The model '{Name}' is not served any more: its host was shut down, or it was removed.")
        : new PredictionRejectedException($"The model '{Name}' ({Source}) is not loaded yet.{(IsLazy ? $" It is on first use: predict, or await {nameof(ModelHost.AcquireAsync)} to have its signature before." : "")}{(Generations.LastError is { } error ? $" The last attempt failed: {error.Message}" : "")}", _services.Options.RetryDelay);

    /// <summary>Makes the exception for a prediction whose model cannot be loaded.</summary>
    public PredictionRejectedException NotLoaded(ModelLoadException error)
        => new($"The model '{Name}' could not be loaded for the prediction: {error.Message}", _firstUse.RetryAfter, error);

    /// <summary>Makes the exception for a prediction while nothing is served, and tells who wants to know.</summary>
    public PredictionRejectedException Reject(PredictionContext? context) => Reject(context, NotServing());

    /// <summary>Tells who wants to know of a prediction that is rejected before a generation could answer it.</summary>
    public PredictionRejectedException Reject(PredictionContext? context, PredictionRejectedException error)
    {
        _services.Telemetry.OnRejected(Name, error);
        if (context is not null) context.ModelName = Name;

        // Observers may be gone when the host is.
        if (!IsClosed && _services.Observers.Any) _services.Observers.OnFailed(context ?? new PredictionContext { ModelName = Name }, error, TimeSpan.Zero);
        return error;
    }

    public HostedModelStatus GetStatus()
    {
        var (hanging, longest) = MeasureCalls();
        var generations = Generations.GetSnapshot();
        return new HostedModelStatus(Name, Source, generations.Current, generations.Draining, generations.LastError)
        {
            IsLastGood = IsLastGood,
            SourceFault = _follower.Fault,
            State = generations.IsClosed ? HostedModelState.Closed
                : generations.Current is null ? (IsLazy ? HostedModelState.OnFirstUse : HostedModelState.NotLoaded)
                : generations.Fallback is null ? HostedModelState.Serving
                : HostedModelState.Probation,
            Loading = _reloader.Progress,
            Fallback = generations.Fallback,
            HangingCalls = hanging,
            LongestCall = longest,
            Obstacle = Generations.FindObstacle(),
        };
    }

    /// <summary>Tells of calls that have begun to hang, or do so no more.</summary>
    public void FindHanging()
    {
        var (hanging, longest) = MeasureCalls();
        var change = hanging - Interlocked.Exchange(ref _hanging, hanging);
        if (change == 0) return;
        _services.Telemetry.OnHanging(Name, change);
        if (change > 0) LogHanging(Name, hanging, longest.TotalSeconds);
        else if (hanging == 0) LogHangEnded(Name);
    }

    /// <summary>Begins to follow the source, unless it already does or there is nothing to follow.</summary>
    public void Watch()
    {
        lock (_lock)
        {
            if (IsClosed || IsLazy || !_services.Options.AutoReload) return;
            if (_following is not null) return;

            // The following outlives the call that began it: it must not keep that call's trace and other ambient values.
            using (ExecutionContext.SuppressFlow()) _following = Task.Run(() => _follower.RunAsync(_stopping.Token));
        }
    }

    /// <summary>Looks whether a model that is loaded on first use, and in memory, is still what its source gives. Never fails.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => _follower.LookAsync(cancellationToken);

    /// <summary>Brings the slot to what the source gives now. Attempts run one after the other, each resolves anew: the latest wins.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="isAsked">Whether somebody asks for it: then also a version is tried again that was rolled back.</param>
    public async Task<HostedModel> ReloadAsync(CancellationToken cancellationToken, bool isAsked = true)
    {
        using var need = LoadNeed.BeginWait();
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            await _swapping.WaitAsync(linked.Token).ConfigureAwait(false);
            try
            {
                return await _reloader.ReloadAsync(isAsked, linked.Token).ConfigureAwait(false);
            }
            finally
            {
                _swapping.Release();
            }
        }
        catch (OperationCanceledException) when (IsClosed && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(ModelHost), $"The model '{Name}' was shut down while it was loading.");
        }
    }

    /// <summary>Forgets what failed before, and tells of the swap: another generation serves.</summary>
    public void OnSwitched()
    {
        _firstUse.OnServing();
        _services.Swaps.Tell(this);
    }

    /// <summary>Takes the model out of memory unless it is in use, waited for, or being swapped.</summary>
    /// <returns>Completes when it is disposed; <see langword="null"/> when it stays.</returns>
    public Task? TryEvict()
    {
        if (!_swapping.Wait(0, CancellationToken.None)) return null;
        try
        {
            if (Generations.TryEvict(static generation => generation.Watch.IsRunning) is not { } evicted) return null;
            LogEvicted(Name, evicted.Model.Version.Version);
            return evicted.Disposed;
        }
        finally
        {
            _swapping.Release();
        }
    }

    /// <summary>Ends the watching and the service; completes when the last prediction has ended and the models are disposed.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? following;
        lock (_lock)
        {
            Generations.Close();
            following = _following;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (following is not null) await following.ConfigureAwait(false);
        await _swapping.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        var disposals = Generations.RetireAllAsync();
        _swapping.Release();
        await disposals.ConfigureAwait(false);
        FindHanging();
    }

    private (int Hanging, TimeSpan Longest) MeasureCalls()
    {
        var (hanging, longest) = (0, TimeSpan.Zero);
        foreach (var generation in Generations.List())
        {
            var (count, elapsed) = generation.Watch.Measure();
            hanging += count;
            if (elapsed > longest) longest = elapsed;
        }

        return (hanging, longest);
    }

    private void OnProbationEnded(Probation probation, ProbationVerdict verdict)
    {
        var version = probation.Generation.Model.Version;
        if (Generations.EndProbation(probation, verdict.Guard is null, Explain) is not { } end) return;
        if (end.Error is not { } error)
        {
            _ = NoteProvenAsync();
            LogProbationPassed(Name, version.Version, verdict.Figures);
            return;
        }

        if (end.IsRolledBack) _services.Telemetry.OnRolledBack(Name, version.ToNumberText(), verdict.Guard!);
        LogRolledBack(error, Name, version.Version, verdict.Figures);
        _services.Swaps.Tell(this);

        ModelLoadException Explain(string? obstacle)
        {
            var fallback = probation.Fallback.Model.Version.Version;
            return new ModelLoadException(Source.Address, string.Create(
                CultureInfo.InvariantCulture,
                $"Version {version.Version} of '{version.Name}' did not pass its probation as '{Name}': {verdict.Figures}. {(obstacle is null ? $"Version {fallback} serves again; reload to try this version once more." : $"It goes on nevertheless, because the callers of version {fallback} could not be kept: {obstacle}.")}"));
        }
    }

    /// <summary>Notes the version that has passed its probation: the next start may have to do without the registry. Never fails.</summary>
    private async Task NoteProvenAsync()
    {
        try
        {
            await _swapping.WaitAsync(_stopping.Token).ConfigureAwait(false);
            try
            {
                if (Model is { } current) await _lastServed.NoteAsync(Generations.ProvenVersionOf(current), _stopping.Token).ConfigureAwait(false);
            }
            finally
            {
                _swapping.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // Shut down meanwhile: the version before it is what is known to be good.
        }
    }
}
