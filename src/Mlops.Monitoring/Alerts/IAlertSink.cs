namespace Mlops.Monitoring;

/// <summary>Is told of alerts. Safe for concurrent use; an exception is logged and keeps no other sink from being told.</summary>
public interface IAlertSink
{
    /// <summary>Is told of an alert that was raised.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="cancellationToken">Cancels the handling.</param>
    /// <returns>A task that completes when it is handled.</returns>
    Task OnRaisedAsync(Alert alert, CancellationToken cancellationToken = default);

    /// <summary>Is told of an alert that is over.</summary>
    /// <param name="alert">The alert, with its end.</param>
    /// <param name="cancellationToken">Cancels the handling.</param>
    /// <returns>A task that completes when it is handled.</returns>
    Task OnResolvedAsync(Alert alert, CancellationToken cancellationToken = default);
}
