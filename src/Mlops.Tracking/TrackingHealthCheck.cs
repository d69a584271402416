using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mlops.Tracking;

/// <summary>Tells whether tracking works: whether the store answers, what waits in the spool, and when entries were last written.</summary>
/// <remarks>Unhealthy when the store does not answer; degraded while it cannot be written, entries wait in the spool, or its folder holds refused or damaged files.</remarks>
/// <param name="tracker">The tracker.</param>
/// <example><code>services.AddHealthChecks().AddCheck&lt;TrackingHealthCheck&gt;("tracking");</code></example>
public sealed class TrackingHealthCheck(Tracker tracker) : IHealthCheck
{
    private readonly Tracker _tracker = tracker ?? throw new ArgumentNullException(nameof(tracker));

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var failure = await AskStoreAsync(cancellationToken).ConfigureAwait(false);
        var status = _tracker.GetStatus();
        var data = new Dictionary<string, object>
        {
            ["running runs"] = status.RunningRuns,
            ["buffered entries"] = status.BufferedEntries,
            ["spooled bytes"] = status.SpooledBytes,
            ["refused entries"] = status.RefusedEntries,
            ["refused bytes"] = status.RefusedBytes,
            ["damaged files"] = status.DamagedFiles,
        };
        if (status.LastWrittenAt is { } at) data["last written"] = at;
        if (failure is not null)
            return new HealthCheckResult(context.Registration?.FailureStatus ?? HealthStatus.Unhealthy, "The store does not answer: " + _tracker.Mask.MaskText(failure.Message), data: data);
        if (status.Problem is not null) return HealthCheckResult.Degraded("The store cannot be written: " + status.Problem, data: data);
        if (status.SpooledBytes > 0) return HealthCheckResult.Degraded("Entries wait in the spool to be delivered.", data: data);
        return status.RefusedBytes > 0 || status.DamagedFiles > 0
            ? HealthCheckResult.Degraded("The folder of the spool holds files with refused entries, or damaged ones; look into them and remove them.", data: data)
            : HealthCheckResult.Healthy("The store answers.", data);
    }

    private async Task<Exception?> AskStoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Any read does; there is no experiment 0 unless MLflow made it.
            await _tracker.Experiments.FindExperimentByIdAsync("0", cancellationToken).ConfigureAwait(false);
            await _tracker.FindSpoolAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return error;
        }
    }
}
