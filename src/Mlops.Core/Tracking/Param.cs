namespace Mlops.Tracking;

/// <summary>A setting of a run. Immutable once logged.</summary>
/// <param name="Name">The name, at most 250 characters.</param>
/// <param name="Value">The value as invariant text, at most 6000 characters.</param>
public sealed record Param(string Name, string Value);
