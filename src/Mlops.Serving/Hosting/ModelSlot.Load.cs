using System.Globalization;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Bringing a version into memory, in bounded time.</summary>
internal sealed partial class ModelSlot
{
    private volatile LoadSteps? _steps;
    private (ModelVersion Version, long Bytes)? _measured;
    private (ModelVersion Version, Task Load)? _letGo;

    private TimeSpan LoadTimeout => _options.LoadTimeout ?? _services.Options.LoadTimeout;

    /// <summary>Asks the source what to serve.</summary>
    /// <exception cref="ModelLoadException">It does not say, or not in time.</exception>
    public async Task<ModelVersion> ResolveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await TimedWork.RunAsync(_feed.ResolveAsync, LoadTimeout, _services.Time, _ => new TimeoutException($"it has not answered for {TextOf(LoadTimeout)}."), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ModelLoadException && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(Source.Address, $"{Source} could not be resolved: {error.Message}", error) { IsTransient = error is not EntityNotFoundException };
        }
    }

    private async Task<ModelGeneration> LoadAsync(ModelVersion version, LoadSteps steps, CancellationToken cancellationToken)
    {
        if (_letGo is { } before && !before.Load.IsCompleted && IsSame(before.Version, version)) throw StillHangs(version);
        using var place = await _services.Loads.TakeAsync(() => steps.Enter(ModelLoadStep.Waiting, version), cancellationToken).ConfigureAwait(false);
        steps.Enter(ModelLoadStep.Loading, version);

        // What serves already is not given up for its size; what is loaded at start was asked for.
        var memory = new MemoryReservation(_services.Memory, this, IsLazy && _current is null);
        var load = new ModelLoad(version, _feed, memory, _callers, _options, _services, steps)
        {
            ExpectedBytes = _measured is { } measured && IsSame(measured.Version, version) ? measured.Bytes : null,
            Refuse = reason => Refuse(version, reason),
            Discard = (loaded, predictor) => DiscardAsync(loaded, predictor, version),
        };
        var started = _services.Time.GetTimestamp();
        var model = await TimedWork.RunAsync(load.RunAsync, LoadTimeout, _services.Time, running => LetGo(load, running, steps, _services.Time.GetElapsedTime(started)), cancellationToken).ConfigureAwait(false);
        _measured = (version, load.SizeBytes);
        if (!load.IsWithinBudget) LogOverBudget(Name, _services.Memory.Used);
        return await CreateGenerationAsync(model, version).ConfigureAwait(false);
    }

    private async Task<ModelGeneration> CreateGenerationAsync(CheckedModel model, ModelVersion version)
    {
        IPredictor predictor = new DeadlinePredictor(model.Predictor, Name, _services.Time);
        if (_options.Batching is { } batching)
        {
            try
            {
                predictor = new BatchingPredictor(predictor, batching, Name, _services.Budget, _services.Time, _services.Telemetry);
            }
            catch (ArgumentException error)
            {
                await DiscardAsync(model.Loaded, predictor, version).ConfigureAwait(false);
                throw Refuse(version, error.Message);
            }
        }
        else if (_services.Watch.IsEnabled)
        {
            predictor = new WatchedPredictor(predictor, new RunningCalls(_services.Watch));
        }

        var hosted = new HostedModel(Name, version, model.Loaded.Model.Signature, _services.Time.GetUtcNow()) { Profile = model.Profile };
        _services.Observers.OnLoaded(hosted);
        var instrumented = new InstrumentedPredictor(predictor, hosted, _services.Observers, _services.Telemetry, _services.Time);
        _services.Telemetry.OnGenerations(Name, TextOf(version), 1);
        return new ModelGeneration(hosted, instrumented, model.Loaded, OnDisposed);
    }

    /// <summary>Waits no more for a load; what it gives is disposed when it comes.</summary>
    private ModelLoadException LetGo(ModelLoad load, Task<CheckedModel> running, LoadSteps steps, TimeSpan duration)
    {
        var step = steps.Progress?.Step ?? ModelLoadStep.Loading;
        steps.End();
        _letGo = (load.Version, running);
        LogLoadLetGo(Name, load.Version.Version, step, duration.TotalSeconds);
        _ = DiscardLateAsync(load, running);
        return new ModelLoadException(
            Source.Address,
            string.Create(CultureInfo.InvariantCulture, $"Version {load.Version.Version} of '{load.Version.Name}' is not served as '{Name}': its load had not ended after {TextOf(LoadTimeout)} and was let go in the step {step}. If it needs longer, raise {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.LoadTimeout)}, or that of the model."),
            new TimeoutException()) { IsTransient = !load.IsFetched };
    }

    private async Task DiscardLateAsync(ModelLoad load, Task<CheckedModel> running)
    {
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.IsCompletedSuccessfully)
        {
            var model = await running.ConfigureAwait(false);
            await DiscardAsync(model.Loaded, model.Predictor, load.Version).ConfigureAwait(false);
        }

        LogLetGoEnded(Name, load.Version.Version);
    }

    /// <summary>Disposes what will not serve; what that throws must not hide why.</summary>
    private async Task DiscardAsync(LoadedModel loaded, IPredictor? predictor, ModelVersion version)
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
            LogDisposeFailed(error, Name, version.Version);
        }
    }

    private ModelLoadException Refuse(ModelVersion version, string reason)
        => new(Source.Address, string.Create(CultureInfo.InvariantCulture, $"Version {version.Version} of '{version.Name}' is not served as '{Name}': {reason}."));

    private ModelLoadException StillHangs(ModelVersion version) => new(
        Source.Address,
        string.Create(CultureInfo.InvariantCulture, $"Version {version.Version} of '{version.Name}' is not loaded again for '{Name}' while an earlier load of it, which was let go, has not ended. Nothing can end it from outside: restart the process, or give it another version.")) { IsTransient = true };

    private static string TextOf(TimeSpan duration) => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###} s");
}
