namespace Mlops.Tracking;

/// <summary>Which registered models to find, in which order.</summary>
public sealed record ModelQuery
{
    /// <summary>The largest number of models that one page may hold.</summary>
    public const int MaxPageSize = 1000;

    /// <summary>Gets what the models must fulfil.</summary>
    public SearchFilter Filter { get; init; } = SearchFilter.All;

    /// <summary>Gets the order; by name when it is empty, and where models are equal in it.</summary>
    public IReadOnlyList<SearchOrder> OrderBy { get; init; } = [];

    /// <summary>Gets the largest number of models of a page, 1 to <see cref="MaxPageSize"/>.</summary>
    /// <value>The default value is 100.</value>
    public int MaxResults { get; init; } = 100;

    /// <summary>Gets where to go on: the token of the page before; <see langword="null"/> for the first page.</summary>
    public string? PageToken { get; init; }
}
