namespace Mlops.Tracking;

/// <summary>When a search over runs changes its way. The defaults were measured with 100,000 runs of 10 metrics and 5 params in SQLite.</summary>
internal sealed record RunSearchLimits
{
    /// <summary>Gets how many runs are read and sorted at once, for each condition of the filter.</summary>
    public int FewRuns { get; init; } = 3000;

    /// <summary>Gets how far the index of the order is walked run by run at first.</summary>
    public int FirstStretch { get; init; } = 2500;

    /// <summary>Gets how far it is walked on when the first stretch found enough.</summary>
    public int SecondStretch { get; init; } = 10_000;

    /// <summary>Gets what part of what is wanted the first stretch has to find for walking on: one in so many.</summary>
    public int Promising { get; init; } = 5;

    /// <summary>Gets how many runs are read and sorted rather than walking on against their set.</summary>
    public int SortableRuns { get; init; } = 12_000;

    /// <summary>Gets whether indexes are scanned for numbers of runs only; <see langword="null"/> to do it where the database does it quickly.</summary>
    public bool? IsScanning { get; init; }

    /// <summary>Gets how many runs a statement may list by their numbers.</summary>
    public int ListedRuns { get; init; } = 20_000;

    /// <summary>Gets how many runs are expected to be read and checked for filling the page before all that indexes serve is scanned.</summary>
    public int CheckedRuns { get; init; } = 4000;
}
