using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Pipelines;
using Mlops.State;

namespace Mlops.Triggers;

/// <summary>A trigger that runs a pipeline: at most once for each cause, one run at a time, not sooner than a pause after the last one.</summary>
/// <remarks>
/// <para>What it knows is kept in the state store, so several hosts that share the store share these promises. Each cause that ran leaves one small
/// entry, which the first run after <see cref="PipelineTriggerOptions.CauseRetention"/> removes.
/// A cause that was turned away (<see cref="TriggerOutcome.Busy"/>, <see cref="TriggerOutcome.CoolingDown"/>) leaves none and may be fired again.</para>
/// <para>A run that failed, was cancelled or died with its host counts as the run of its cause. A run that loses its claim to another host is cancelled.</para>
/// </remarks>
/// <example><code>var trigger = new PipelineTrigger(retraining, store, new PipelineTriggerOptions { Cooldown = TimeSpan.FromDays(7) }, TimeProvider.System);</code></example>
public sealed partial class PipelineTrigger : ITrigger
{
    private readonly IPipeline _pipeline;
    private readonly IStateStore _store;
    private readonly PipelineTriggerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly TriggerTelemetry _telemetry;
    private readonly string _prefix;

    /// <summary>Creates a trigger.</summary>
    /// <param name="pipeline">The pipeline; its name is the trigger's name.</param>
    /// <param name="store">Where the trigger keeps what it knows.</param>
    /// <param name="options">How often it runs; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where to log; nowhere when <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    public PipelineTrigger(
        IPipeline pipeline,
        IStateStore store,
        PipelineTriggerOptions? options = null,
        TimeProvider? timeProvider = null,
        ILogger? logger = null,
        IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(store);
        _options = options ?? new PipelineTriggerOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Cooldown, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_options.LeaseDuration, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_options.CauseRetention, TimeSpan.Zero, nameof(options));
        _pipeline = pipeline;
        _store = store;
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger.Instance;
        _telemetry = TriggerTelemetry.Create(meterFactory);
        _prefix = $"triggers/{pipeline.Name}/";
    }

    /// <inheritdoc/>
    public string Name => _pipeline.Name;

    /// <inheritdoc/>
    /// <remarks>Completes when the run has ended. An exception of the pipeline is logged and becomes <see cref="TriggerOutcome.Failed"/>; cancellation is passed on.</remarks>
    public async Task<TriggerOutcome> FireAsync(TriggerCause cause, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cause);
        ArgumentException.ThrowIfNullOrEmpty(cause.Id, nameof(cause));
        var outcome = await HandleAsync(cause, cancellationToken).ConfigureAwait(false);
        _telemetry.OnFired(Name, cause.ModelName, outcome);
        return outcome;
    }

    private async Task<TriggerOutcome> HandleAsync(TriggerCause cause, CancellationToken cancellationToken)
    {
        var causeKey = $"{_prefix}causes/{cause.Id}";
        if (await _store.GetAsync(causeKey, cancellationToken).ConfigureAwait(false) is not null) return TriggerOutcome.AlreadyHandled;

        var lease = await _store.TryAcquireLeaseAsync($"{_prefix}run", _options.LeaseDuration, cancellationToken).ConfigureAwait(false);
        if (lease is null) return TriggerOutcome.Busy;
        await using (lease.ConfigureAwait(false))
        {
            if (await IsCoolingDownAsync(cancellationToken).ConfigureAwait(false))
            {
                // Cause and pause may have come from the same run that ended between the two looks.
                return await _store.GetAsync(causeKey, cancellationToken).ConfigureAwait(false) is null ? TriggerOutcome.CoolingDown : TriggerOutcome.AlreadyHandled;
            }

            if (!await _store.CompareAndSetAsync(causeKey, Encode(_time.GetUtcNow()), null, cancellationToken).ConfigureAwait(false)) return TriggerOutcome.AlreadyHandled;
            return await RunAsync(cause, lease, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TriggerOutcome> RunAsync(TriggerCause cause, IStateLease lease, CancellationToken cancellationToken)
    {
        // The pause counts from the beginning if the host should die before the end.
        await SetLastRunAsync(cancellationToken).ConfigureAwait(false);
        await ForgetCausesAsync(cancellationToken).ConfigureAwait(false);
        LogStarting(_logger, Name, cause.Kind, cause.Id);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var ended = new CancellationTokenSource();
        var renewing = KeepLeaseAsync(lease, stopping, ended.Token);
        try
        {
            await _pipeline.RunAsync(cause, stopping.Token).ConfigureAwait(false);
            LogRan(_logger, Name, cause.Id);
            return TriggerOutcome.Ran;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) // The one place where a run's failure becomes an outcome; the caller is a loop that goes on.
        {
            LogFailed(_logger, exception, Name, cause.Id);
            return TriggerOutcome.Failed;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            // A lease that went to somebody else is not ours to write under.
            if (await renewing.ConfigureAwait(false)) await RecordEndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Renews the lease until the run has ended; cancels the run when the lease is lost.</summary>
    /// <returns>Whether the lease was held to the end.</returns>
    private async Task<bool> KeepLeaseAsync(IStateLease lease, CancellationTokenSource stopping, CancellationToken ended)
    {
        while (true)
        {
            try
            {
                await Task.Delay(_options.LeaseDuration / 3, _time, ended).ConfigureAwait(false);
                if (await lease.RenewAsync(ended).ConfigureAwait(false)) continue;
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                return true;
            }
            catch (Exception exception) // A store that fails for a moment must not end the run while the lease still holds.
            {
                LogRenewalFailed(_logger, exception, Name);
                if (lease.ExpiresAt > _time.GetUtcNow()) continue;
            }

            LogLeaseLost(_logger, Name);
            await stopping.CancelAsync().ConfigureAwait(false);
            return false;
        }
    }

    private async Task ForgetCausesAsync(CancellationToken cancellationToken)
    {
        var limit = _time.GetUtcNow() - _options.CauseRetention;
        await foreach (var entry in _store.ListAsync($"{_prefix}causes/", cancellationToken).ConfigureAwait(false))
        {
            if (Decode(entry) < limit) await _store.CompareAndSetAsync(entry.Key, null, entry.ETag, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> IsCoolingDownAsync(CancellationToken cancellationToken)
    {
        if (_options.Cooldown == TimeSpan.Zero) return false;
        var last = await _store.GetAsync($"{_prefix}last-run", cancellationToken).ConfigureAwait(false);
        return last is not null && _time.GetUtcNow() < Decode(last) + _options.Cooldown;
    }

    private async Task RecordEndAsync()
    {
        try
        {
            await SetLastRunAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) // The run's own outcome matters more than the exact beginning of the pause.
        {
            LogRecordingFailed(_logger, exception, Name);
        }
    }

    private async Task SetLastRunAsync(CancellationToken cancellationToken)
    {
        var key = $"{_prefix}last-run";
        while (true)
        {
            var last = await _store.GetAsync(key, cancellationToken).ConfigureAwait(false);
            if (await _store.CompareAndSetAsync(key, Encode(_time.GetUtcNow()), last?.ETag, cancellationToken).ConfigureAwait(false)) return;
        }
    }

    private static byte[] Encode(DateTimeOffset time) => System.Text.Encoding.UTF8.GetBytes(time.ToString("O", CultureInfo.InvariantCulture));

    private static DateTimeOffset Decode(StateEntry entry)
        => DateTimeOffset.Parse(System.Text.Encoding.UTF8.GetString(entry.Value.Span), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
