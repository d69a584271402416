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
    private readonly HashSet<ModelSignature> _contracts = [];
    private readonly List<ModelGeneration> _draining = [];
    private volatile ModelGeneration? _current;
    private volatile ModelSignature? _signature;
    private volatile bool _isClosed;
    private ModelLoadException? _lastError;
    private Task? _watching;

    public ModelSlot(string name, ModelSource source, HostedModelOptions options, ModelHostServices services, bool isLazy)
    {
        _options = options;
        Name = name;
        Source = source;
        _services = services;
        _feed = source.Open(name, services);
        IsLazy = isLazy;
        IsEvictable = isLazy && !options.IsPinned;
        _logger = services.Logger;
        Predictor = new HostedPredictor(this);
    }

    public string Name { get; }

    public ModelSource Source { get; }

    public HostedPredictor Predictor { get; }

    /// <summary>Gets the signature that callers rent their batches from; stays when the slot is closed.</summary>
    public ModelSignature? Signature => _signature;

    public HostedModel? Model => _current?.Model;

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
    /// <returns>What does not fit the current generation; <see langword="null"/> when the demand holds from now on.</returns>
    public string? Require(ModelSignature contract)
    {
        lock (_lock)
        {
            if (_current is { } current && contract.FindIncompatibility(current.Model.Signature) is { } difference) return difference;
            _contracts.Add(contract);
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
                Loading = Progress,
                Fallback = _probation?.Fallback.Model,
                HangingCalls = hanging,
                LongestCall = longest,
            };
        }
    }

    /// <summary>Begins to follow the source, unless it already does or there is nothing to follow.</summary>
    public void Watch()
    {
        lock (_lock)
        {
            if (_isClosed || IsLazy || !_services.Options.AutoReload) return;
            if (_watching is not null) return;

            // The watching outlives the call that began it: it must not keep that call's trace and other ambient values.
            using (ExecutionContext.SuppressFlow()) _watching = Task.Run(() => WatchAsync(_stopping.Token));
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
        Task? watching;
        lock (_lock)
        {
            _isClosed = true;
            watching = _watching;
        }

        _services.Memory.Forget(this);
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (watching is not null) await watching.ConfigureAwait(false);
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
        ModelVersion? version = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            Enter(ModelLoadStep.Resolving, null, activity);
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
                LogReturned(Name, back.Current.Version.Version, back.Previous!.Version.Version);
                return back.Current;
            }

            MeasureBaseline();
            var generation = await LoadAsync(version, activity, cancellationToken).ConfigureAwait(false);
            Enter(ModelLoadStep.Switching, version, activity);
            var swap = await SwitchAsync(generation, cancellationToken).ConfigureAwait(false);
            var duration = _services.Time.GetElapsedTime(started);
            _services.Telemetry.OnLoaded(Name, TextOf(version), duration, null);
            if (swap.Previous is { } before && IsSame(before.Version, version)) LogLoadedAgain(Name, version.Version, duration.TotalSeconds);
            else LogSwapped(Name, version.Version, swap.Previous?.Version.Version, version.Digest, duration.TotalSeconds);
            _services.Watch.Start();
            NotifySwaps();
            return swap.Current;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken) && !(error is OperationCanceledException && _isClosed))
        {
            var failure = error as ModelLoadException ?? new ModelLoadException(Source.Address, $"{Source} could not be loaded: {error.Message}", error);
            SetLastError(failure);
            _services.Telemetry.OnLoaded(Name, version is null ? null : TextOf(version), _services.Time.GetElapsedTime(started), failure);
            activity?.SetTag("error.type", failure.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            LogFailure(failure);
            if (ReferenceEquals(failure, error)) throw;
            throw failure;
        }
        finally
        {
            EndSteps(activity);
        }
    }

    private async Task<ModelGeneration> LoadAsync(ModelVersion version, Activity? activity, CancellationToken cancellationToken)
    {
        Enter(ModelLoadStep.Loading, version, activity);
        var loaded = await FetchAsync(version, cancellationToken).ConfigureAwait(false);
        IPredictor? predictor = null;
        try
        {
            Enter(ModelLoadStep.CheckingSignature, version, activity);
            if (FindIncompatibility(loaded.Model.Signature) is { } incompatibility) throw Refuse(version, incompatibility);
            predictor = loaded.Model.CreatePredictor();
            var checks = new GenerationChecks(predictor, loaded.Directory, _services.Options, step => Enter(step, version, activity));
            if (await checks.FindFailureAsync(_options.FindWarmUpRows(), cancellationToken).ConfigureAwait(false) is { } failure) throw Refuse(version, failure);
            var profile = loaded.Directory is null ? null : await loaded.Directory.ReadProfileAsync(cancellationToken).ConfigureAwait(false);
            var model = new HostedModel(Name, version, loaded.Model.Signature, _services.Time.GetUtcNow()) { Profile = profile };
            _services.Observers.OnLoaded(model);
            predictor = new DeadlinePredictor(predictor, Name, _services.Time);
            if (_options.Batching is { } batching) predictor = Batch(predictor, version, batching);
            else if (_services.Watch.IsEnabled) predictor = new WatchedPredictor(predictor, new RunningCalls(_services.Watch));
            var instrumented = new InstrumentedPredictor(predictor, model, _services.Observers, _services.Telemetry, _services.Time);
            _services.Telemetry.OnGenerations(Name, TextOf(version), 1);
            return new ModelGeneration(model, instrumented, loaded, OnDisposed);
        }
        catch
        {
            await DiscardAsync(loaded, predictor).ConfigureAwait(false);
            throw;
        }
    }

    private BatchingPredictor Batch(IPredictor predictor, ModelVersion version, BatchingOptions options)
    {
        try
        {
            return new BatchingPredictor(predictor, options, Name, _services.Budget, _services.Time, _services.Telemetry);
        }
        catch (ArgumentException error)
        {
            throw Refuse(version, error.Message);
        }
    }

    /// <summary>Disposes what will not serve; what that throws must not hide why.</summary>
    private async Task DiscardAsync(LoadedModel loaded, IPredictor? predictor)
    {
        try
        {
            try
            {
                if (predictor is not null) await predictor.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                await loaded.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            LogDisposeFailed(error, Name, loaded.Version.Version);
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
            incompatibility = FindIncompatibility(next.Model.Signature);
            isCancelled = _isClosed || cancellationToken.IsCancellationRequested;
            if (incompatibility is null && !isCancelled)
            {
                previous = _current?.Model ?? _evicted;
                _evicted = null;
                if (_signature is null || !_signature.Equals(next.Model.Signature)) _signature = next.Model.Signature;
                retired = Replace(next, previous);
                _lastError = null;
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
        throw isCancelled ? new OperationCanceledException(cancellationToken) : Refuse(next.Model.Version, incompatibility!);
    }

    private string? FindIncompatibility(ModelSignature signature)
    {
        lock (_lock)
        {
            var difference = _current?.Model.Signature.FindIncompatibility(signature);
            foreach (var contract in _contracts) difference ??= contract.FindIncompatibility(signature);
            return difference is null ? null : $"its callers could not call it: {difference}";
        }
    }

    private ModelLoadException Refuse(ModelVersion version, string reason)
        => new(Source.Address, string.Create(CultureInfo.InvariantCulture, $"Version {version.Version} of '{version.Name}' is not served as '{Name}': {reason}."));

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

    private static bool IsSame(ModelVersion left, ModelVersion right)
        => left.Name == right.Name && left.Version == right.Version && left.Digest == right.Digest;

    private static string TextOf(ModelVersion version) => version.Version.ToString(CultureInfo.InvariantCulture);
}
