namespace Mlops.Tracking;

/// <summary>Which experiments to find, in which order.</summary>
public sealed record ExperimentQuery
{
    /// <summary>The largest number of experiments that one page may hold.</summary>
    public const int MaxPageSize = 50_000;

    /// <summary>Gets what the experiments must fulfil.</summary>
    public SearchFilter Filter { get; init; } = SearchFilter.All;

    /// <summary>Gets the order; the latest first when it is empty.</summary>
    public IReadOnlyList<SearchOrder> OrderBy { get; init; } = [];

    /// <summary>Gets whether to look at experiments in use, deleted ones or all.</summary>
    /// <value>The default value is <see cref="LifecycleView.ActiveOnly"/>.</value>
    public LifecycleView View { get; init; } = LifecycleView.ActiveOnly;

    /// <summary>Gets the largest number of experiments of a page, 1 to <see cref="MaxPageSize"/>.</summary>
    /// <value>The default value is 1000.</value>
    public int MaxResults { get; init; } = 1000;

    /// <summary>Gets where to go on: the token of the page before; <see langword="null"/> for the first page.</summary>
    public string? PageToken { get; init; }
}
