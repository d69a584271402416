namespace Mlops.Serving;

/// <summary>What has become of a generation whose probation has ended.</summary>
/// <param name="IsRolledBack">Whether the generation before it answers again.</param>
/// <param name="Error">Why it did not pass; <see langword="null"/> when it did.</param>
internal sealed record ProbationEnd(bool IsRolledBack, ModelLoadException? Error);
