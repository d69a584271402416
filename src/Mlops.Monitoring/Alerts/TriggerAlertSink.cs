using Mlops.Triggers;

namespace Mlops.Monitoring;

/// <summary>Fires a trigger, such as one that retrains the model, for every alert that is raised.</summary>
/// <remarks>An alert that finds the trigger busy, cooling down or failing fires it again when it is repeated (<see cref="AlertOptions.RepeatAfter"/>).</remarks>
/// <param name="trigger">The trigger; it sees to it that an alert has at most one run, and one run goes on at a time.</param>
/// <param name="minimumSeverity">Alerts that matter less are passed over.</param>
public sealed class TriggerAlertSink(ITrigger trigger, AlertSeverity minimumSeverity = AlertSeverity.Warning) : IAlertSink
{
    private readonly ITrigger _trigger = trigger ?? throw new ArgumentNullException(nameof(trigger));

    /// <inheritdoc/>
    /// <remarks>Completes when the run has ended.</remarks>
    public async Task OnRaisedAsync(Alert alert, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        if (alert.Severity < minimumSeverity) return;
        var cause = new TriggerCause(alert.Id, "alert", alert.Message, alert.RaisedAt) { ModelName = alert.Model };
        await _trigger.FireAsync(cause, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task OnResolvedAsync(Alert alert, CancellationToken cancellationToken = default) => Task.CompletedTask;
}
