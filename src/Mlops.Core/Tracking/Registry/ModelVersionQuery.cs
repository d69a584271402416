namespace Mlops.Tracking;

/// <summary>Which model versions to find, in which order. Deleted versions are never found.</summary>
public sealed record ModelVersionQuery
{
    /// <summary>The largest number of versions that one page may hold.</summary>
    public const int MaxPageSize = 200_000;

    /// <summary>Gets what the versions must fulfil.</summary>
    public SearchFilter Filter { get; init; } = SearchFilter.All;

    /// <summary>Gets the order; when it is empty, and where versions are equal in it, those changed last come first, then by name, then the highest version.</summary>
    public IReadOnlyList<SearchOrder> OrderBy { get; init; } = [];

    /// <summary>Gets the largest number of versions of a page, 1 to <see cref="MaxPageSize"/>.</summary>
    /// <value>The default value is 1000.</value>
    public int MaxResults { get; init; } = 1000;

    /// <summary>Gets where to go on: the token of the page before; <see langword="null"/> for the first page.</summary>
    public string? PageToken { get; init; }
}
