namespace Mlops.Tracking;

/// <summary>Which runs to find, in which order.</summary>
/// <example><code>
/// var query = new RunQuery("ridership") { Filter = RunSearch.Filter("metrics.rmse &lt; 900"), OrderBy = [RunSearch.Metric("rmse").Ascending] };
/// </code></example>
public sealed record RunQuery
{
    /// <summary>The largest number of runs that one page may hold.</summary>
    public const int MaxPageSize = 50_000;

    /// <summary>Creates a query over the runs of some experiments.</summary>
    /// <param name="experiments">The names of the experiments; none for the runs of all.</param>
    public RunQuery(params IReadOnlyList<string> experiments)
    {
        ArgumentNullException.ThrowIfNull(experiments);
        Experiments = experiments;
    }

    /// <summary>Gets the names of the experiments.</summary>
    public IReadOnlyList<string> Experiments { get; init; }

    /// <summary>Gets the identifiers of further experiments; one that does not exist has no runs.</summary>
    public IReadOnlyList<string> ExperimentIds { get; init; } = [];

    /// <summary>Gets what the runs must fulfil.</summary>
    public SearchFilter Filter { get; init; } = SearchFilter.All;

    /// <summary>Gets the order; runs that are equal in it come latest first.</summary>
    public IReadOnlyList<SearchOrder> OrderBy { get; init; } = [];

    /// <summary>Gets whether to look at runs in use, deleted ones or all.</summary>
    /// <value>The default value is <see cref="LifecycleView.ActiveOnly"/>.</value>
    public LifecycleView View { get; init; } = LifecycleView.ActiveOnly;

    /// <summary>Gets the largest number of runs of a page, 1 to <see cref="MaxPageSize"/>.</summary>
    /// <value>The default value is 1000.</value>
    public int MaxResults { get; init; } = 1000;

    /// <summary>Gets where to go on: the token of the page before; <see langword="null"/> for the first page.</summary>
    public string? PageToken { get; init; }
}
