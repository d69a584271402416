namespace Mlops.Monitoring;

/// <summary>A rule that fired long enough to be told to somebody.</summary>
/// <param name="Id">Identifies the alert: the cause of at most one run of a trigger.</param>
/// <param name="Rule">The name of the rule.</param>
/// <param name="Model">The name of the model.</param>
/// <param name="Message">What happened, with the figures.</param>
/// <param name="RaisedAt">When it was raised.</param>
/// <param name="Severity">How much it matters.</param>
public sealed record Alert(string Id, string Rule, string Model, string Message, DateTimeOffset RaisedAt, AlertSeverity Severity)
{
    /// <summary>Gets the version of the model that it is about; <see langword="null"/> when it is not known.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Gets when it was over; <see langword="null"/> as long as it is not.</summary>
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>Gets why it was over: its rule is quiet, or another version serves; <see langword="null"/> as long as it is not.</summary>
    public string? Resolution { get; init; }
}
