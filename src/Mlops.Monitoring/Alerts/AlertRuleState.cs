namespace Mlops.Monitoring;

/// <summary>What a rule says of a snapshot.</summary>
public enum AlertRuleState
{
    /// <summary>There is nothing to say.</summary>
    Quiet,

    /// <summary>The rule's condition holds.</summary>
    Firing,

    /// <summary>There are not enough data to tell; an alert is neither raised nor resolved by it.</summary>
    Unknown,
}
