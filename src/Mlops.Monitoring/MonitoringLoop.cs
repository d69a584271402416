using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mlops.Monitoring;

/// <summary>Evaluates monitored models again and again, each at its interval, and hands what is found to their alert engines.</summary>
/// <remarks>Models do not wait for one another, so a trigger that retrains one for hours leaves the others watched. Run one loop a process.</remarks>
public sealed partial class MonitoringLoop
{
    private readonly MonitoredModel[] _models;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly MonitoringTelemetry _telemetry;

    /// <summary>Creates a loop.</summary>
    /// <param name="models">The models.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where to log; nowhere when <see langword="null"/>.</param>
    /// <param name="meterFactory">Makes the meter; the package has one of its own when <see langword="null"/>.</param>
    public MonitoringLoop(IEnumerable<MonitoredModel> models, TimeProvider? timeProvider = null, ILogger<MonitoringLoop>? logger = null, IMeterFactory? meterFactory = null)
    {
        ArgumentNullException.ThrowIfNull(models);
        _models = [.. models];
        _time = timeProvider ?? TimeProvider.System;
        _logger = logger ?? NullLogger<MonitoringLoop>.Instance;
        _telemetry = MonitoringTelemetry.Create(meterFactory);
    }

    /// <summary>Evaluates every model once.</summary>
    /// <param name="now">The moment that is judged; windows end there.</param>
    /// <param name="cancellationToken">Cancels the handling of alerts.</param>
    /// <returns>The snapshots, in the order of the models; completes when the alerts, and the runs that they trigger, have ended.</returns>
    public async Task<IReadOnlyList<MonitorSnapshot>> EvaluateAsync(DateTimeOffset now, CancellationToken cancellationToken = default)
        => await Task.WhenAll(_models.Select(model => EvaluateAsync(model, now, cancellationToken))).ConfigureAwait(false);

    /// <summary>Evaluates the models until it is cancelled.</summary>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <returns>A task that ends, cancelled, with the loop.</returns>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_models.Select(model => RunAsync(model, cancellationToken)));

    private async Task RunAsync(MonitoredModel model, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(model.Monitor.EvaluationInterval, _time, cancellationToken).ConfigureAwait(false);
            try
            {
                await EvaluateAsync(model, _time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested) // The loop goes on: the next evaluation may succeed.
            {
                LogEvaluationFailed(_logger, exception, model.Monitor.Model);
            }
        }
    }

    private async Task<MonitorSnapshot> EvaluateAsync(MonitoredModel model, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var snapshot = model.Monitor.Evaluate(now);
        _telemetry.Record(snapshot);
        await model.Alerts.ProcessAsync(snapshot, cancellationToken).ConfigureAwait(false);
        return snapshot;
    }
}
