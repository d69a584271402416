namespace Mlops.Tracking;

/// <summary>Something that the store does not take, now or later.</summary>
/// <param name="RunId">The run it belongs to.</param>
/// <param name="Error">Why.</param>
/// <param name="Entries">How many entries are lost by it.</param>
/// <param name="IsFinal">Whether the store takes nothing of this run any more.</param>
internal sealed record Refusal(string RunId, Exception Error, int Entries, bool IsFinal);
