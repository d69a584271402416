using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A place in the host that one model at a time serves: loads generations beside the current one, checks them, and switches.</summary>
internal sealed partial class ModelSlot : IAsyncDisposable
{
    private readonly IModelFeed _feed;
    private readonly HostedModelOptions _options;
    private readonly ModelHostServices _services;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _swapping = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly CallerContract _callers = new();
    private readonly List<ModelGeneration> _draining = [];
    private readonly SourceFollower _follower;
    private readonly FirstUse _firstUse;
    private volatile ModelGeneration? _current;
    private volatile bool _isClosed;
    private ModelLoadException? _lastError;
    private Task? _following;
    private int _holds;

    public ModelSlot(string name, ModelSource source, HostedModelOptions options, ModelHostServices services, bool isLazy)
    {
        _options = options;
        Name = name;
        Source = source;
        _services = services;
        _feed = source.Open(name, services);
        _follower = new SourceFollower(this, _feed, services);
        _firstUse = new FirstUse(this, services);
        IsLazy = isLazy;
        IsEvictable = isLazy && !options.IsPinned;
        _logger = services.Logger;
        Predictor = new HostedPredictor(this);
    }

    public string Name { get; }

    public ModelSource Source { get; }

    public HostedPredictor Predictor { get; }

    /// <summary>Gets the signature that callers rent their batches from; stays when the model is evicted and when the slot is closed.</summary>
    public ModelSignature? Signature => _callers.Signature;

    public bool IsClosed => _isClosed;

    public HostedModel? Model => _current?.Model;

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
            if (_current is not null || --_holds > 0) return false;
            _holds = -1;
            return true;
        }
    }

    /// <summary>Takes a reference to the current generation.</summary>
    /// <returns>The generation, which the caller releases; <see langword="null"/> when there is none.</returns>
    public ModelGeneration? TryAcquire()
    {
        while (_current is { } generation)
        {
            // Fails only when a swap or an eviction has happened in between: then there is another one already, or none.
            if (generation.TryAcquire())
            {
                if (IsEvictable) Touch();
                return generation;
            }
        }

        return null;
    }

    public PredictionRejectedException NotServing() => _isClosed
        ? new PredictionRejectedException($"The model '{Name}' is not served any more: its host was shut down, or it was removed.")
        : new PredictionRejectedException($"The model '{Name}' ({Source}) is not loaded yet.{(IsLazy ? $" It is on first use: predict, or await {nameof(ModelHost.AcquireAsync)}." : "")}", _services.Options.RetryDelay);

    /// <summary>Makes the exception for a prediction while nothing is served, and tells who wants to know.</summary>
    public PredictionRejectedException Reject(PredictionContext? context) => Reject(context, NotServing());

    /// <summary>Tells who wants to know of a prediction that is rejected before a generation could answer it.</summary>
    public PredictionRejectedException Reject(PredictionContext? context, PredictionRejectedException error)
    {
        _services.Telemetry.OnRejected(Name, error);
        if (context is not null) context.ModelName = Name;

        // Observers may be gone when the host is.
        if (!_isClosed && _services.Observers.Any) _services.Observers.OnFailed(context ?? new PredictionContext { ModelName = Name }, error, TimeSpan.Zero);
        return error;
    }

    /// <summary>Demands that this and every later generation can be called by callers made for a signature.</summary>
    /// <returns>What does not fit what serves, or served before it was evicted; <see langword="null"/> when the demand holds from now on.</returns>
    public string? Require(ModelSignature contract)
    {
        lock (_lock)
        {
            if (_callers.Signature is { } told && contract.FindIncompatibility(told) is { } difference) return difference;
            _callers.Demand(contract);
            return null;
        }
    }

    public HostedModelStatus GetStatus()
    {
        var (hanging, longest) = MeasureCalls();
        lock (_lock)
        {
            return new HostedModelStatus(Name, Source, _current?.Model, [.. _draining.Select(generation => generation.Model)], _lastError)
            {
                IsLastGood = _isLastGood,
                State = State,
                Loading = _steps?.Progress,
                Fallback = _probation?.Fallback.Model,
                HangingCalls = hanging,
                LongestCall = longest,
            };
        }
    }

    /// <summary>Looks whether a model that is loaded on first use, and in memory, is still what its source gives. Never fails.</summary>
    public Task RefreshAsync(CancellationToken cancellationToken) => _follower.LookAsync(cancellationToken);

    /// <summary>Begins to follow the source, unless it already does or there is nothing to follow.</summary>
    public void Watch()
    {
        lock (_lock)
        {
            if (_isClosed || IsLazy || !_services.Options.AutoReload) return;
            if (_following is not null) return;

            // The following outlives the call that began it: it must not keep that call's trace and other ambient values.
            using (ExecutionContext.SuppressFlow()) _following = Task.Run(() => _follower.RunAsync(_stopping.Token));
        }
    }

    /// <summary>Brings the slot to what the source gives now. Attempts run one after the other, each resolves anew: the latest wins.</summary>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <param name="isAsked">Whether somebody asks for it: then also a version is tried again that was rolled back.</param>
    public async Task<HostedModel> ReloadAsync(CancellationToken cancellationToken, bool isAsked = true)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            await _swapping.WaitAsync(linked.Token).ConfigureAwait(false);
            try
            {
                return await LoadOrServeLastGoodAsync(isAsked, linked.Token).ConfigureAwait(false);
            }
            finally
            {
                _swapping.Release();
            }
        }
        catch (OperationCanceledException) when (_isClosed && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(ModelHost), $"The model '{Name}' was shut down while it was loading.");
        }
    }

    /// <summary>Ends the watching and the service; completes when the last prediction has ended and the models are disposed.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? following;
        lock (_lock)
        {
            _isClosed = true;
            following = _following;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (following is not null) await following.ConfigureAwait(false);
        await _swapping.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        ModelGeneration? last, fallback;
        Task[] disposals;
        lock (_lock)
        {
            (last, fallback) = (_current, _probation?.Fallback);
            _current = null;
            _probation?.Dispose();
            _probation = null;
            if (fallback is not null) _draining.Add(fallback);
            if (last is not null) _draining.Add(last);
            disposals = [.. _draining.Select(generation => generation.Disposed)];
        }

        fallback?.Retire();
        last?.Retire();
        _swapping.Release();
        await Task.WhenAll(disposals).ConfigureAwait(false);
        FindHanging();
    }

    private async Task<HostedModel> LoadAndSwitchAsync(ModelVersion? known, bool isAsked, CancellationToken cancellationToken)
    {
        using var activity = _services.Telemetry.StartLoad(Name);
        var started = _services.Time.GetTimestamp();
        var steps = _steps = new LoadSteps(Name, activity, _services.Time, _logger);
        ModelVersion? version = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            steps.Enter(ModelLoadStep.Resolving, null);
            version = known ?? await ResolveAsync(cancellationToken).ConfigureAwait(false);
            if (IsRefused(version, isAsked) && _current is { } kept) return kept.Model;
            if (_current is { } current && IsSame(current.Model.Version, version))
            {
                SetLastError(null);
                return current.Model;
            }

            activity?.SetTag("mlops.model.version", TextOf(version)).SetTag("mlops.model.digest", version.Digest);
            if (TryReturn(version) is { } back)
            {
                LogReturned(Name, back.Current.Version.Version, back.Previous!.Version.Version, back.Current.LoadedAt);
                return back.Current;
            }

            MeasureBaseline();
            var generation = await LoadAsync(version, steps, cancellationToken).ConfigureAwait(false);
            steps.Enter(ModelLoadStep.Switching, version);
            var swap = await SwitchAsync(generation, cancellationToken).ConfigureAwait(false);
            var duration = _services.Time.GetElapsedTime(started);
            activity?.SetTag("mlops.model.loaded_at", TextOf(swap.Current.LoadedAt));
            _services.Telemetry.OnLoaded(Name, TextOf(version), duration, null);
            if (swap.Previous is { } before && IsSame(before.Version, version)) LogLoadedAgain(Name, version.Version, duration.TotalSeconds, swap.Current.LoadedAt);
            else LogSwapped(Name, version.Version, swap.Previous?.Version.Version, version.Digest, duration.TotalSeconds, swap.Current.LoadedAt);
            _services.Watch.Start();
            NotifySwaps();
            return swap.Current;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken) && !(error is OperationCanceledException && _isClosed))
        {
            var failure = error as ModelLoadException ?? new ModelLoadException(Source.Address, $"{Source} could not be loaded: {error.Message}", error);
            OnLoadFailed(version, failure);
            _services.Telemetry.OnLoaded(Name, version is null ? null : TextOf(version), _services.Time.GetElapsedTime(started), failure);
            activity?.SetTag("error.type", failure.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            LogFailure(failure);
            if (ReferenceEquals(failure, error)) throw;
            throw failure;
        }
        finally
        {
            steps.End();
            _steps = null;
        }
    }

    private async Task<ModelSwap> SwitchAsync(ModelGeneration next, CancellationToken cancellationToken)
    {
        ModelGeneration? retired = null;
        HostedModel? previous = null;
        string? incompatibility;
        bool isCancelled;
        lock (_lock)
        {
            // Checked again: a typed face may have been made meanwhile, or the slot closed.
            incompatibility = _callers.FindIncompatibility(next.Model.Signature);
            isCancelled = _isClosed || cancellationToken.IsCancellationRequested;
            if (incompatibility is null && !isCancelled)
            {
                previous = _current?.Model ?? _evicted;
                _evicted = null;
                _callers.Tell(next.CallerSignature = _callers.Combine(next.Model.Signature));
                retired = Replace(next, previous);
                OnServing();
            }
            else
            {
                _draining.Add(next);
            }
        }

        if (incompatibility is null && !isCancelled)
        {
            retired?.Retire();
            return new ModelSwap(previous, next.Model);
        }

        next.Retire();
        await next.Disposed.ConfigureAwait(false);
        throw isCancelled ? new OperationCanceledException(cancellationToken) : Refuse(next.Model.Version, UnfitForCallers(incompatibility!));
    }

    /// <summary>What is to be remembered of before is over; under the lock.</summary>
    private void OnServing()
    {
        _lastError = null;
        _firstUse.OnServing();
    }

    private void OnLoadFailed(ModelVersion? version, ModelLoadException failure)
    {
        lock (_lock)
        {
            _lastError = failure;

            // It would fail again; what stands in the way of others may be gone.
            if (version is not null && !failure.IsTransient && _current is not null) _refused = version;
        }
    }

    /// <summary>Why a version is refused that callers cannot call.</summary>
    internal static string UnfitForCallers(string incompatibility)
        => $"its callers could not call it: {incompatibility}. Serve it under another name, or remove the model and add it again when nobody calls it any more";

    private void SetLastError(ModelLoadException? error)
    {
        lock (_lock) _lastError = error;
    }

    private void OnDisposed(ModelGeneration generation, Exception? failure)
    {
        lock (_lock) _draining.Remove(generation);
        _services.Telemetry.OnGenerations(Name, TextOf(generation.Model.Version), -1);
        if (failure is null) LogDisposed(Name, generation.Model.Version.Version);
        else LogDisposeFailed(failure, Name, generation.Model.Version.Version);
    }

    internal static bool IsSame(ModelVersion left, ModelVersion right)
        => left.Name == right.Name && left.Version == right.Version && left.Digest == right.Digest;

    private static string TextOf(ModelVersion version) => version.Version.ToString(CultureInfo.InvariantCulture);

    private static string TextOf(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);
}
