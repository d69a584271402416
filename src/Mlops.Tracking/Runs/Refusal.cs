namespace Mlops.Tracking;

/// <summary>Something that the store does not take, now or later.</summary>
/// <param name="RunId">The run it belongs to.</param>
/// <param name="Error">Why.</param>
/// <param name="Records">What is refused, of one handle. The memory of metrics is the run's, and used again after the pass.</param>
/// <param name="IsFinal">Whether the store takes nothing of this run any more.</param>
internal sealed record Refusal(string RunId, Exception Error, IReadOnlyList<SpoolRecord> Records, bool IsFinal)
{
    /// <summary>Gets the handle that logged it.</summary>
    public string? Holder => Records[0].Holder;

    /// <summary>Gets what is worth being kept: all but an end that can never be made, because somebody else has ended the run, or has it now.</summary>
    public IEnumerable<SpoolRecord> Kept => Records.Where(record => record.EntryCount > 0 || !TrackingErrors.IsOutOfHand(Error));

    /// <summary>Gets how many entries are refused.</summary>
    public int Entries => Records.Sum(record => record.EntryCount);
}
