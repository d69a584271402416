namespace Mlops.Serving;

/// <summary>How a probation ended.</summary>
/// <param name="Guard">The guard that was passed, as metrics name it; <see langword="null"/> when none was.</param>
/// <param name="Figures">What was counted, in words.</param>
internal sealed record ProbationVerdict(string? Guard, string Figures);
