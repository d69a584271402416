using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Brings a slot to what its source gives; where it gives nothing, or nothing that can serve, and nothing is in memory, to what was served last. One attempt at a time.</summary>
/// <param name="slot">The slot.</param>
/// <param name="generations">Its generations.</param>
/// <param name="resolver">Says what to serve.</param>
/// <param name="maker">Loads what is to be served.</param>
/// <param name="lastServed">What was served last.</param>
/// <param name="isPolled">Whether the source is asked in intervals, and not looked at until it has settled.</param>
/// <param name="services">What the host shares.</param>
internal sealed partial class ModelReloader(
    ModelSlot slot, GenerationLine generations, SourceResolver resolver, GenerationMaker maker, LastServed lastServed, bool isPolled, ModelHostServices services)
{
    private readonly ILogger _logger = services.Logger;
    private volatile LoadSteps? _steps;
    private volatile bool _isLastGood;
    private volatile bool _isUnanswered;
    private bool _isSettling;
    private string? _told;
    private bool _isFetched;

    /// <summary>Gets whether the version that was served last serves, because what the source gives cannot be fetched.</summary>
    public bool IsLastGood => _isLastGood;

    /// <summary>Gets whether the last attempt has failed because the source did not say what to serve.</summary>
    public bool IsUnanswered => _isUnanswered;

    /// <summary>Gets how far the attempt is that is going on; <see langword="null"/> when none is.</summary>
    public ModelLoadProgress? Progress => _steps?.Progress;

    /// <summary>Makes an attempt.</summary>
    /// <param name="isAsked">Whether somebody asks for it: then also a version is tried again that was rolled back.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="ModelLoadException">It failed.</exception>
    public async Task<HostedModel> ReloadAsync(bool isAsked, CancellationToken cancellationToken)
    {
        try
        {
            var model = await LoadAndSwitchAsync(null, null, isAsked, cancellationToken).ConfigureAwait(false);
            (_isLastGood, _isSettling, _told) = (false, false, null);
            await lastServed.NoteAsync(generations.ProvenVersionOf(model), cancellationToken).ConfigureAwait(false);
            return model;
        }
        catch (ModelLoadException error) when (generations.Model is null && lastServed.IsKept && (error.IsTransient ? !_isFetched : _isUnanswered && !isAsked && generations.IsEvicted))
        {
            // An alias that is gone takes nothing away from who has the model; that it was evicted meanwhile is none of his business.
            if (await lastServed.FindAsync(cancellationToken).ConfigureAwait(false) is not { } version) throw;
            var model = await ServeLastGoodAsync(version, error, cancellationToken).ConfigureAwait(false);
            if (model is null) throw;
            return model;
        }
        catch (ModelLoadException error) when (!error.IsTransient && !isAsked && generations.Evicted is not null)
        {
            // With the version that was evicted the slot goes on, as it would have done if that were in memory still.
            var model = await ServeEvictedAsync(error, cancellationToken).ConfigureAwait(false);
            if (model is null) throw;
            return model;
        }
    }

    private async Task<HostedModel?> ServeLastGoodAsync(ModelVersion version, ModelLoadException cause, CancellationToken cancellationToken)
    {
        try
        {
            var model = await LoadAndSwitchAsync(version, cause, isAsked: true, cancellationToken).ConfigureAwait(false);
            _isLastGood = true;
            LogServesLastGood(slot.Name, version.Version, slot.Source, cause.Message);
            return model;
        }
        catch (ModelLoadException)
        {
            generations.SetLastError(cause);
            return null; // Logged where it happened; what the caller is told is why it was tried.
        }
    }

    private async Task<HostedModel?> ServeEvictedAsync(ModelLoadException cause, CancellationToken cancellationToken)
    {
        try
        {
            var model = await LoadAndSwitchAsync(null, null, isAsked: false, cancellationToken).ConfigureAwait(false);
            (_isLastGood, _isSettling, _told) = (false, false, null);
            return model;
        }
        catch (ModelLoadException)
        {
            generations.SetLastError(cause);
            return null; // As above.
        }
    }

    /// <summary>Loads a version and switches to it.</summary>
    /// <param name="known">The version; <see langword="null"/> for what the source gives.</param>
    /// <param name="obstacle">Why it is not what the source gives.</param>
    /// <param name="isAsked">Whether somebody asks for it.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    private async Task<HostedModel> LoadAndSwitchAsync(ModelVersion? known, ModelLoadException? obstacle, bool isAsked, CancellationToken cancellationToken)
    {
        using var activity = services.Telemetry.StartLoad(slot.Name);
        var started = services.Time.GetTimestamp();
        var steps = _steps = new LoadSteps(slot.Name, activity, services.Time, _logger);
        ModelVersion? version = null;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            steps.Enter(ModelLoadStep.Resolving, null);
            version = known ?? await resolver.ResolveAsync(isAsked, cancellationToken).ConfigureAwait(false);
            _isUnanswered = false;
            if (!generations.TryLiftRefusal(version, isAsked))
            {
                if (generations.Model is { } kept) return kept;
                if (generations.Evicted is { } evicted) (version, obstacle) = (evicted.Version, generations.LastError);
            }

            if (generations.Model is { } current && current.Version.IsSameAs(version))
            {
                generations.SetLastError(null);
                return current;
            }

            activity?.SetTag("mlops.model.version", version.ToNumberText()).SetTag("mlops.model.digest", version.Digest);
            if (generations.TryReturn(version) is { } back)
            {
                slot.OnSwitched();
                LogReturned(slot.Name, back.Current.Version.Version, back.Previous!.Version.Version, back.Current.LoadedAt);
                return back.Current;
            }

            generations.MeasureBaseline();
            var generation = await maker.MakeAsync(version, steps, cancellationToken).ConfigureAwait(false);
            steps.Enter(ModelLoadStep.Switching, version);

            // Calls begin with the switch, and are timed from its last tick on.
            services.Watch.Start();
            var swap = await SwitchAsync(generation, obstacle, cancellationToken).ConfigureAwait(false);
            var duration = services.Time.GetElapsedTime(started);
            activity?.SetTag("mlops.model.loaded_at", swap.Current.LoadedAt.ToString("O", CultureInfo.InvariantCulture));
            TellSwitched(swap, duration);
            slot.OnSwitched();
            return swap.Current;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken) && !(error is OperationCanceledException && generations.IsClosed))
        {
            var failure = error as ModelLoadException ?? new ModelLoadException(slot.Source.Address, $"{slot.Source} could not be loaded: {error.Message}", error) { IsTransient = error.MayPass() };
            generations.SetLastError(failure, version);
            services.Telemetry.OnLoaded(slot.Name, version?.ToNumberText(), services.Time.GetElapsedTime(started), failure);
            activity?.SetTag("error.type", failure.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            LogFailure(failure, _isUnanswered = version is null);
            if (ReferenceEquals(failure, error)) throw;
            throw failure;
        }
        finally
        {
            steps.End();
            (_steps, _isFetched) = (null, steps.IsFetched);
        }
    }

    private async Task<ModelSwap> SwitchAsync(ModelGeneration next, ModelLoadException? obstacle, CancellationToken cancellationToken)
    {
        var result = generations.TrySwitch(next, cancellationToken, obstacle);
        if (result.Swap is { } swap) return swap;
        await TimedWork.WaitBrieflyAsync(next.Disposed, services.Time).ConfigureAwait(false);
        throw result.Incompatibility is { } incompatibility
            ? maker.RefuseUnfit(next.Model.Version, incompatibility)
            : new OperationCanceledException(cancellationToken);
    }

    private void TellSwitched(ModelSwap swap, TimeSpan duration)
    {
        var version = swap.Current.Version;
        services.Telemetry.OnLoaded(slot.Name, version.ToNumberText(), duration, null);
        if (swap.Previous is { } before && before.Version.IsSameAs(version)) LogLoadedAgain(slot.Name, version.Version, duration.TotalSeconds, swap.Current.LoadedAt);
        else LogSwapped(slot.Name, version.Version, swap.Previous?.Version.ToNumberText() ?? "none", version.Digest.Length > 0 ? version.Digest : "none", duration.TotalSeconds, swap.Current.LoadedAt);
    }

    private void LogFailure(ModelLoadException failure, bool isUnanswered)
    {
        // What is tried again while a version serves is told of once. A source that settles may tell of another file each time.
        var serving = generations.Model ?? generations.Evicted;
        var isTold = isUnanswered ? !resolver.TryTell() : failure.Message == _told;
        var isRepeated = failure.IsTriedAgain() && (_isSettling || (serving is not null && isTold));
        _isSettling = failure.IsTransient && !isPolled;
        if (!isUnanswered) _told = failure.Message;
        if (isRepeated) LogStillFails(failure, slot.Name, slot.Source);
        else if (serving is not null) LogLoadFailed(failure, slot.Name, slot.Source, serving.Version.Version);
        else LogFirstLoadFailed(failure, slot.Name, slot.Source);
    }

    [LoggerMessage(3010, LogLevel.Information, "{Model} is now served by version {Version} (before: {Previous}), digest {Digest}, loaded at {LoadedAt:O}, ready after {Seconds:F3} s.", EventName = "Swapped")]
    private partial void LogSwapped(string model, int version, string previous, string digest, double seconds, DateTimeOffset loadedAt);

    [LoggerMessage(3011, LogLevel.Error, "{Model} could not be brought to {Source}. It goes on with version {Version}.", EventName = "LoadFailed")]
    private partial void LogLoadFailed(Exception error, string model, ModelSource source, int version);

    [LoggerMessage(3016, LogLevel.Error, "{Model} could not be brought to {Source}. No version of it is in memory.", EventName = "FirstLoadFailed")]
    private partial void LogFirstLoadFailed(Exception error, string model, ModelSource source);

    [LoggerMessage(3017, LogLevel.Warning, "{Model} serves version {Version} as it was served last, from the local copy, because what its source gives cannot be fetched: {Reason} {Source} is asked again and again.", EventName = "ServesLastGood")]
    private partial void LogServesLastGood(string model, int version, ModelSource source, string reason);

    [LoggerMessage(3019, LogLevel.Debug, "{Model} still cannot be brought to {Source}.", EventName = "StillFails")]
    private partial void LogStillFails(Exception error, string model, ModelSource source);

    [LoggerMessage(3024, LogLevel.Debug, "{Model} is in memory again with version {Version}, loaded at {LoadedAt:O}, ready after {Seconds:F3} s.", EventName = "LoadedAgain")]
    private partial void LogLoadedAgain(string model, int version, double seconds, DateTimeOffset loadedAt);

    [LoggerMessage(3042, LogLevel.Information, "{Model} is served by version {Version} again, which was still loaded (before: {Previous}), loaded at {LoadedAt:O}.", EventName = "Returned")]
    private partial void LogReturned(string model, int version, int previous, DateTimeOffset loadedAt);
}
