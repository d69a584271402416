namespace Mlops.Serving;

/// <summary>What a generation has done so far.</summary>
internal readonly record struct GenerationCounts(long Calls, long Failures, long Timed, long Slow);
