using System.Globalization;
using Microsoft.Extensions.Logging;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Makes the generations of a slot: brings a version into memory in bounded time, and disposes what will not serve. One at a time.</summary>
/// <param name="slot">Whose generations they are.</param>
/// <param name="feed">Where versions come from.</param>
/// <param name="callers">What callers rely on.</param>
/// <param name="options">How the model is served.</param>
/// <param name="timeout">How long a load may take.</param>
/// <param name="services">What the host shares.</param>
/// <param name="onDisposed">Is told of each generation that is disposed.</param>
internal sealed partial class GenerationMaker(
    ModelSlot slot, IModelFeed feed, CallerContract callers, HostedModelOptions options, TimeSpan timeout, ModelHostServices services, Action<ModelGeneration> onDisposed)
{
    private readonly ILogger _logger = services.Logger;
    private readonly List<(ModelVersion Version, Task Load, bool IsFetched)> _letGo = [];
    private (ModelVersion Version, long Bytes)? _measured;

    /// <summary>Loads and checks a version.</summary>
    /// <returns>The generation, which is to be retired where it does not serve.</returns>
    /// <exception cref="ModelLoadException">It cannot be loaded, must not serve, or took too long and was let go.</exception>
    public async Task<ModelGeneration> MakeAsync(ModelVersion version, LoadSteps steps, CancellationToken cancellationToken)
    {
        _letGo.RemoveAll(before => before.Load.IsCompleted);
        if (_letGo.FindIndex(before => before.Version.IsSameAs(version)) is var index and >= 0)
        {
            steps.IsFetched = _letGo[index].IsFetched;
            throw StillHangs(version);
        }

        using var place = await services.Loads.TakeAsync(slot, () => steps.Enter(ModelLoadStep.Waiting, version), cancellationToken).ConfigureAwait(false);
        place.Enter();
        steps.Enter(ModelLoadStep.Loading, version);

        // What serves already is not given up for its size; what is loaded at start was asked for.
        var memory = new MemoryReservation(services.Memory, slot, slot.IsLazy && slot.Model is null);
        var load = new ModelLoad(version, feed, memory, callers, options, services, steps)
        {
            ExpectedBytes = _measured is { } measured && measured.Version.IsSameAs(version) ? measured.Bytes : null,
            Refuse = failure => Refuse(version, failure),
            Discard = (loaded, predictor) => DiscardAsync(loaded, predictor, version),
        };
        var started = services.Time.GetTimestamp();
        var model = await TimedWork.RunAsync(load.RunAsync, timeout, services.Time, running => LetGo(load, running, steps, services.Time.GetElapsedTime(started)), cancellationToken).ConfigureAwait(false);
        _measured = (version, load.SizeBytes);
        if (!load.IsWithinBudget) LogOverBudget(slot.Name, services.Memory.Used);
        return await CreateGenerationAsync(model, version).ConfigureAwait(false);
    }

    /// <summary>Makes the exception of a version that callers cannot call.</summary>
    public ModelLoadException RefuseUnfit(ModelVersion version, string incompatibility) => Refuse(version, new CheckFailure(callers.Unfit(incompatibility)));

    /// <summary>Makes the exception of a version that must not serve.</summary>
    private ModelLoadException Refuse(ModelVersion version, CheckFailure failure)
        => new(slot.Source.Address, string.Create(CultureInfo.InvariantCulture, $"Version {version.Version} of '{version.Name}' is not served as '{slot.Name}': {failure.Reason}.")) { IsTransient = failure.IsTransient };

    private async Task<ModelGeneration> CreateGenerationAsync(CheckedModel model, ModelVersion version)
    {
        IPredictor predictor = new DeadlinePredictor(model.Predictor, slot.Name, services.Time);
        CallWatch watch = default;
        if (options.Batching is { } batching)
        {
            try
            {
                var batched = new BatchingPredictor(predictor, batching, slot.Name, services.Budget, services.Time, services.Telemetry);
                (predictor, watch) = (batched, new CallWatch(batched));
            }
            catch (ArgumentException error)
            {
                await DiscardAsync(model.Loaded, predictor, version).ConfigureAwait(false);
                throw Refuse(version, new CheckFailure(error.Message));
            }
        }
        else if (services.Watch.IsEnabled)
        {
            var calls = new RunningCalls(services.Watch);
            (predictor, watch) = (new WatchedPredictor(predictor, calls), new CallWatch(Calls: calls));
        }

        var hosted = new HostedModel(slot.Name, version, model.Loaded.Model.Signature, services.Time.GetUtcNow()) { Profile = model.Profile };
        services.Observers.OnLoaded(hosted);
        var instrumented = new InstrumentedPredictor(predictor, hosted, services.Observers, services.Telemetry, services.Time);
        services.Telemetry.OnGenerations(slot.Name, version.ToNumberText(), 1);
        return new ModelGeneration(hosted, instrumented, model.Loaded, OnDisposed, watch);
    }

    private void OnDisposed(ModelGeneration generation, Exception? failure)
    {
        onDisposed(generation);
        var version = generation.Model.Version;
        services.Telemetry.OnGenerations(slot.Name, version.ToNumberText(), -1);
        if (failure is null) LogDisposed(slot.Name, version.Version);
        else LogDisposeFailed(failure, slot.Name, version.Version);
    }

    /// <summary>Waits no more for a load; what it gives is disposed when it comes.</summary>
    private ModelLoadException LetGo(ModelLoad load, Task<CheckedModel> running, LoadSteps steps, TimeSpan duration)
    {
        var step = steps.Progress?.Step ?? ModelLoadStep.Loading;
        steps.End();
        _letGo.Add((load.Version, running, steps.IsFetched));
        LogLoadLetGo(slot.Name, load.Version.Version, step, duration.TotalSeconds);
        _ = DiscardLateAsync(load, running);
        return new ModelLoadException(
            slot.Source.Address,
            string.Create(CultureInfo.InvariantCulture, $"Version {load.Version.Version} of '{load.Version.Name}' is not served as '{slot.Name}': its load had not ended after {timeout.TotalSeconds:0.###} s and was let go in the step {step}. If it needs longer, raise {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.LoadTimeout)}, or that of the model."),
            new TimeoutException()) { IsTransient = !steps.IsFetched };
    }

    private async Task DiscardLateAsync(ModelLoad load, Task<CheckedModel> running)
    {
        await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.IsCompletedSuccessfully)
        {
            var model = await running.ConfigureAwait(false);
            await DisposeAsync(model.Loaded, model.Predictor, load.Version).ConfigureAwait(false);
        }

        LogLetGoEnded(slot.Name, load.Version.Version);
    }

    /// <summary>Disposes what will not serve. A disposal that hangs goes on by itself: it must neither hide why the version is refused, nor hold up the next one.</summary>
    private Task DiscardAsync(LoadedModel loaded, IPredictor? predictor, ModelVersion version)
        => TimedWork.WaitBrieflyAsync(Task.Run(() => DisposeAsync(loaded, predictor, version)), services.Time);

    private async Task DisposeAsync(LoadedModel loaded, IPredictor? predictor, ModelVersion version)
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
            LogDisposeFailed(error, slot.Name, version.Version);
        }
    }

    private ModelLoadException StillHangs(ModelVersion version) => new(
        slot.Source.Address,
        string.Create(CultureInfo.InvariantCulture, $"Version {version.Version} of '{version.Name}' is not loaded again for '{slot.Name}' while an earlier load of it, which was let go, has not ended. Nothing can end it from outside: restart the process, or give it another version.")) { IsTransient = true };

    [LoggerMessage(3012, LogLevel.Debug, "Version {Version} of {Model} is disposed.", EventName = "Disposed")]
    private partial void LogDisposed(string model, int version);

    [LoggerMessage(3013, LogLevel.Error, "Version {Version} of {Model} could not be disposed.", EventName = "DisposeFailed")]
    private partial void LogDisposeFailed(Exception error, string model, int version);

    [LoggerMessage(3023, LogLevel.Warning, "With {Model} the models in memory take {Bytes} bytes, more than the host's budget, and nothing more can be evicted.", EventName = "OverBudget")]
    private partial void LogOverBudget(string model, long bytes);

    [LoggerMessage(3046, LogLevel.Warning, "The load of version {Version} of {Model} is let go in the step {Step} after {Seconds:F1} s: it takes too long, or does not heed that it was cancelled. What hangs in it goes on until it ends by itself.", EventName = "LoadLetGo")]
    private partial void LogLoadLetGo(string model, int version, ModelLoadStep step, double seconds);

    [LoggerMessage(3047, LogLevel.Information, "The load of version {Version} of {Model} that was let go has ended, and what it gave is discarded.", EventName = "LetGoEnded")]
    private partial void LogLetGoEnded(string model, int version);
}
