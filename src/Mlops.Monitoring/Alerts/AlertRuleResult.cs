namespace Mlops.Monitoring;

/// <summary>What a rule says of a snapshot, with the reason.</summary>
/// <param name="Rule">The name of the rule.</param>
/// <param name="State">What it says.</param>
/// <param name="Message">Why, with the figures.</param>
/// <param name="Severity">How much its alerts matter.</param>
public sealed record AlertRuleResult(string Rule, AlertRuleState State, string Message, AlertSeverity Severity);
