namespace Mlops.Monitoring;

/// <summary>How rules that fire become alerts.</summary>
public sealed class AlertOptions
{
    /// <summary>Gets or sets how many evaluations in a row a rule must fire before an alert is raised.</summary>
    /// <value>The default value is 1.</value>
    public int RaiseAfter { get; set; } = 1;

    /// <summary>Gets or sets how many evaluations in a row a rule must be quiet before its alert is resolved.</summary>
    /// <value>The default value is 2.</value>
    public int ResolveAfter { get; set; } = 2;

    /// <summary>Gets or sets how long after an alert of a rule the next one of that rule may be raised.</summary>
    /// <value>The default value is 1 day.</value>
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets after how long an alert that is not resolved is raised anew, with a new identifier; <see langword="null"/> for never.</summary>
    /// <value>The default value is 1 day, so that a run that could not begin, or failed, when the alert was first raised is tried again.</value>
    public TimeSpan? RepeatAfter { get; set; } = TimeSpan.FromDays(1);

    internal string? FindFault()
    {
        if (RaiseAfter < 1) return $"{nameof(RaiseAfter)} is {RaiseAfter}; it must be at least 1.";
        if (ResolveAfter < 1) return $"{nameof(ResolveAfter)} is {ResolveAfter}; it must be at least 1.";
        if (Cooldown < TimeSpan.Zero) return $"{nameof(Cooldown)} is {Cooldown}; it must not be negative.";
        return RepeatAfter <= TimeSpan.Zero ? $"{nameof(RepeatAfter)} is {RepeatAfter}; it must be positive." : null;
    }
}
