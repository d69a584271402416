using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Follows the source of a slot: hears of changes or looks for them, and has the slot loaded anew.</summary>
/// <remarks>A change while a version is loading is taken up when that load has ended, of several changes only the last one: neither the newest is missed, nor is a load begun again and again that never ends.</remarks>
internal sealed partial class SourceFollower(ModelSlot slot, IModelFeed feed, SourceResolver resolver, ModelHostServices services)
{
    private readonly ILogger _logger = services.Logger;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private ModelVersion? _seen;

    /// <summary>Gets why there is no answer, where the source is asked again by itself; elsewhere nobody would hear when it answers, and what failed is the attempt.</summary>
    public SourceFault? Fault => services.Options.AutoReload && (slot.Model is null ? !slot.IsLazy : !feed.IsFixed || slot.IsLastGood) ? resolver.Fault : null;

    /// <summary>Follows until the token is cancelled, through every failure of the source; ends by itself where the source is fixed and loaded. Never fails.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (!feed.IsFixed) await Task.WhenAll(WatchAsync(stopping), LoadChangesAsync(stopping)).ConfigureAwait(false);
        else if (slot.Model is null || slot.IsLastGood) await ReloadUntilSettledAsync(stopping).ConfigureAwait(false);
    }

    /// <summary>Looks once whether a model that is in memory is still what its source gives, where nothing is followed: for models that are loaded on first use. Never fails.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (slot.Model is not { } current || (feed.IsFixed && !slot.IsLastGood) || resolver.IsAsking) return;
        ModelVersion? version = null;
        try
        {
            version = await resolver.ResolveAsync(isAsked: false, cancellationToken).ConfigureAwait(false);
            if (!slot.IsLastGood && (slot.Generations.IsRefused(version) || (current.Version.IsSameAs(version) && !slot.Generations.HasObstacle))) return;
            await slot.ReloadAsync(cancellationToken, isAsked: false).ConfigureAwait(false);
        }
        catch (ModelLoadException error)
        {
            // What stands in the way of a version is logged where it happened, and may be gone at the next look.
            if (version is null) TellPollFailed(error);
        }
        catch (Exception error)
        {
            if (!error.IsCancellation(cancellationToken) && !slot.IsClosed) TellPollFailed(error);
        }
    }

    /// <summary>The one place where the watching can fail.</summary>
    private async Task WatchAsync(CancellationToken stopping)
    {
        var failures = 0; // After the first, it is told to nobody but who looks closely.
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await HearAsync(() => failures = 0, stopping).ConfigureAwait(false);
                LogWatchEnded(failures == 0 ? LogLevel.Warning : LogLevel.Debug, slot.Name, slot.Source);
            }
            catch (NotSupportedException) when (feed.PollInterval is { } interval)
            {
                LogWatchUnsupported(slot.Name, slot.Source, interval.TotalSeconds);
                await PollUntilStoppedAsync(interval, stopping).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                if (error.IsCancellation(stopping)) return;
                LogWatchFailed(failures == 0 ? LogLevel.Warning : LogLevel.Debug, error, slot.Name, slot.Source);
            }

            failures++;
            await PollAsync(stopping).ConfigureAwait(false);
            await WaitAsync(services.Options.DelayAfter(failures), stopping).ConfigureAwait(false);
        }
    }

    private async Task HearAsync(Action onAlive, CancellationToken stopping)
    {
        var watch = feed.WatchAsync(stopping).GetAsyncEnumerator(stopping);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next ??= watch.MoveNextAsync().AsTask();
                if (!await CompletesInTimeAsync(next, stopping).ConfigureAwait(false))
                {
                    // A watch that has gone silent is not believed.
                    await PollAsync(stopping).ConfigureAwait(false);
                    continue;
                }

                if (!await next.ConfigureAwait(false)) return;
                next = null;
                onAlive();
                OnChanged(watch.Current);
            }
        }
        finally
        {
            // A watch that does not heed its token must hold up nobody.
            if (next is null or { IsCompleted: true }) await watch.DisposeAsync().ConfigureAwait(false);
            else _ = DisposeLaterAsync(next, watch);
        }
    }

    private async Task<bool> CompletesInTimeAsync(Task next, CancellationToken stopping)
    {
        if (feed.PollInterval is not { } interval)
        {
            await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(next, Task.Delay(interval, services.Time, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        if (!next.IsCompleted) stopping.ThrowIfCancellationRequested();
        return next.IsCompleted;
    }

    private static async Task DisposeLaterAsync(Task next, IAsyncEnumerator<ModelVersion?> watch)
    {
        await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await watch.DisposeAsync().ConfigureAwait(false);
    }

    private async Task PollUntilStoppedAsync(TimeSpan interval, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await PollAsync(stopping).ConfigureAwait(false);
            await WaitAsync(interval, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Looks by itself what is to be served. Never fails: what cannot be told now is asked again.</summary>
    private async Task PollAsync(CancellationToken stopping)
    {
        // A source that does not answer, or does not heed that nobody waits any more, is not asked the same again and again.
        if (resolver.IsAsking) return;
        try
        {
            var version = await resolver.ResolveAsync(isAsked: false, stopping).ConfigureAwait(false);

            // Why somebody's reload has failed holds no longer.
            if (_seen is not { } seen || !seen.IsSameAs(version) || slot.IsUnanswered) OnChanged(version);
        }
        catch (Exception error)
        {
            if (!error.IsCancellation(stopping)) TellPollFailed(error);
        }
    }

    /// <summary>An outage is told of once, whether here or by a load that fails for it.</summary>
    private void TellPollFailed(Exception error)
    {
        if (resolver.TryTell()) LogSourceFails(slot.Source, slot.Name, slot.Model is { } serving ? $"version {serving.Version.ToNumberText()}" : "nothing", error.Message);
        else LogPollFailed(error, slot.Name, slot.Source);
    }

    private void OnChanged(ModelVersion? version)
    {
        _seen = version;
        _changes.Writer.TryWrite(true);
    }

    private async Task LoadChangesAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await _changes.Reader.ReadAsync(stopping).ConfigureAwait(false);
                await ReloadUntilSettledAsync(stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    /// <summary>Loads, again and again while only registry or store stand in the way and nothing new is heard. A version that is refused stays refused. Never fails.</summary>
    private async Task ReloadUntilSettledAsync(CancellationToken stopping)
    {
        for (var failures = 1; !stopping.IsCancellationRequested; failures++)
        {
            try
            {
                await slot.ReloadAsync(stopping, isAsked: false).ConfigureAwait(false);
                if (!slot.IsLastGood) return;
            }
            catch (ModelLoadException error) when (error.IsTriedAgain())
            {
            }
            catch (ModelLoadException)
            {
                return; // Logged where it happened.
            }
            catch (Exception error)
            {
                if (!error.IsCancellation(stopping) && !slot.IsClosed) LogWatchFailed(LogLevel.Warning, error, slot.Name, slot.Source);
                return;
            }

            if (await HearsWithinAsync(services.Options.DelayAfter(failures), stopping).ConfigureAwait(false)) return;
        }
    }

    /// <summary>Waits until something new is to be loaded, but not longer than the delay.</summary>
    private async Task<bool> HearsWithinAsync(TimeSpan delay, CancellationToken stopping)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var heard = _changes.Reader.WaitToReadAsync(waiting.Token).AsTask();
        await Task.WhenAny(heard, Task.Delay(delay, services.Time, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        return heard.IsCompletedSuccessfully;
    }

    private async Task WaitAsync(TimeSpan delay, CancellationToken stopping)
        => await Task.Delay(delay, services.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(EventId = 3014, Message = "Watching {Source} for {Model} failed and is begun again.", EventName = "WatchFailed")]
    private partial void LogWatchFailed(LogLevel level, Exception error, string model, ModelSource source);

    [LoggerMessage(EventId = 3015, Message = "The watching of {Source} for {Model} has ended and is begun again.", EventName = "WatchEnded")]
    private partial void LogWatchEnded(LogLevel level, string model, ModelSource source);

    [LoggerMessage(3021, LogLevel.Debug, "{Source} could not be asked for {Model}; it is asked again.", EventName = "PollFailed")]
    private partial void LogPollFailed(Exception error, string model, ModelSource source);

    [LoggerMessage(3027, LogLevel.Warning, "{Source} does not tell what {Model} is to serve, and is asked again and again; until it does, {Serving} serves: {Reason}", EventName = "SourceFails")]
    private partial void LogSourceFails(ModelSource source, string model, string serving, string reason);

    [LoggerMessage(3025, LogLevel.Information, "Nothing tells {Model} of changes of {Source}; it is asked every {Seconds} s.", EventName = "WatchUnsupported")]
    private partial void LogWatchUnsupported(string model, ModelSource source, double seconds);
}
