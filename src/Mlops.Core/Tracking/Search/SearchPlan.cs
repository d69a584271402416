using System.Globalization;

namespace Mlops.Tracking;

/// <summary>A query that was checked and completed: what a store carries out.</summary>
/// <remarks>
/// <para>Its fields are those that the grammar allows, its values have the kinds that their fields need, its order leaves no two things equal, and its token belongs to it, so
/// that a store makes a statement of it with values as parameters and no further checks.</para>
/// <para>Immutable.</para>
/// </remarks>
public sealed class SearchPlan
{
    /// <summary>The largest number of conditions in a filter.</summary>
    public const int MaxConditions = 100;

    /// <summary>The largest number of texts in a list.</summary>
    public const int MaxListLength = 1000;

    /// <summary>The largest number of texts in all lists of a filter together: databases take a limited number of parameters in a statement.</summary>
    public const int MaxListTexts = 5000;

    /// <summary>The largest number of characters in the pattern of <c>LIKE</c> and <c>ILIKE</c>.</summary>
    public const int MaxPatternLength = 4000;

    /// <summary>The largest number of fields that a query may order by.</summary>
    public const int MaxOrderKeys = 20;

    private readonly byte[] _hash;

    private SearchPlan(SearchSubject subject, SearchFilter filter, IReadOnlyList<SearchOrder> orderBy, LifecycleView view, int maxResults, int maxPageSize, string? pageToken, IEnumerable<string> scope)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentNullException.ThrowIfNull(orderBy);
        if (!Enum.IsDefined(view)) throw new ArgumentOutOfRangeException(nameof(view), view, "Choose one of the views of LifecycleView.");
        if (maxResults < 1 || maxResults > maxPageSize)
            throw new ArgumentOutOfRangeException(nameof(maxResults), maxResults, string.Create(CultureInfo.InvariantCulture, $"A page of {subject.Name} holds 1 to {maxPageSize} of them; set {nameof(MaxResults)} of the query."));
        SearchRules.Check(subject, filter);
        Conditions = [.. filter.Conditions.Select(condition => condition with { Field = subject.Resolve(condition.Field) })];
        Order = SearchRules.Complete(subject, orderBy);
        View = view;
        MaxResults = maxResults;
        _hash = SearchPageToken.Hash([subject.Name, filter.ToString(), string.Join(", ", Order), view.ToString(), .. scope]);
        After = pageToken is null ? null : SearchPageToken.Decode(pageToken, _hash, Order.Count);
    }

    /// <summary>Gets the conditions, which must all hold.</summary>
    public IReadOnlyList<SearchCondition> Conditions { get; }

    /// <summary>Gets the order: that of the query, and behind it what tells equal things apart.</summary>
    public IReadOnlyList<SearchOrder> Order { get; }

    /// <summary>Gets whether to look at things in use, deleted ones or all.</summary>
    public LifecycleView View { get; }

    /// <summary>Gets the largest number of things of a page.</summary>
    public int MaxResults { get; }

    /// <summary>Gets the keys, one for each of <see cref="Order"/>, of the thing behind which the page begins; <see langword="null"/> for the first page.</summary>
    public IReadOnlyList<SearchKey>? After { get; }

    /// <summary>Checks and completes a query over runs.</summary>
    /// <param name="query">The query.</param>
    /// <returns>The plan. Which experiments to look at is not part of it.</returns>
    /// <exception cref="ArgumentException">The filter or the order is of another search, the page size is out of range, or the token is malformed or of another query.</exception>
    public static SearchPlan For(RunQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new SearchPlan(
            SearchSubject.Runs, query.Filter, query.OrderBy, query.View, query.MaxResults, RunQuery.MaxPageSize, query.PageToken, [.. query.Experiments, "", .. query.ExperimentIds]);
    }

    /// <summary>Checks and completes a query over experiments.</summary>
    /// <param name="query">The query.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ArgumentException">The filter or the order is of another search, the page size is out of range, or the token is malformed or of another query.</exception>
    public static SearchPlan For(ExperimentQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new SearchPlan(SearchSubject.Experiments, query.Filter, query.OrderBy, query.View, query.MaxResults, ExperimentQuery.MaxPageSize, query.PageToken, []);
    }

    /// <summary>Checks and completes a query over registered models.</summary>
    /// <param name="query">The query.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ArgumentException">The filter or the order is of another search, the page size is out of range, or the token is malformed or of another query.</exception>
    public static SearchPlan For(ModelQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new SearchPlan(SearchSubject.Models, query.Filter, query.OrderBy, LifecycleView.ActiveOnly, query.MaxResults, ModelQuery.MaxPageSize, query.PageToken, []);
    }

    /// <summary>Checks and completes a query over model versions.</summary>
    /// <param name="query">The query.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ArgumentException">The filter or the order is of another search, the page size is out of range, or the token is malformed or of another query.</exception>
    public static SearchPlan For(ModelVersionQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new SearchPlan(SearchSubject.ModelVersions, query.Filter, query.OrderBy, LifecycleView.ActiveOnly, query.MaxResults, ModelVersionQuery.MaxPageSize, query.PageToken, []);
    }

    /// <summary>Makes the token with which the query goes on.</summary>
    /// <param name="last">The keys of the last thing of the page, one for each of <see cref="Order"/>.</param>
    /// <returns>The token.</returns>
    public string CreateToken(IReadOnlyList<SearchKey> last)
    {
        ArgumentNullException.ThrowIfNull(last);
        if (last.Count != Order.Count) throw new ArgumentException($"The order has {Order.Count} fields, so the last thing has as many keys; these are {last.Count}.", nameof(last));
        return SearchPageToken.Encode(_hash, last);
    }

    /// <summary>Compares two things by their keys.</summary>
    /// <param name="left">The keys of one, one for each of <see cref="Order"/>.</param>
    /// <param name="right">The keys of the other.</param>
    /// <returns>Below zero when <paramref name="left"/> comes first, above when <paramref name="right"/> does.</returns>
    public int Compare(IReadOnlyList<SearchKey> left, IReadOnlyList<SearchKey> right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        for (var i = 0; i < Order.Count; i++)
        {
            var order = SearchKey.Compare(left[i], right[i], Order[i].IsDescending);
            if (order != 0) return order;
        }

        return 0;
    }

    /// <summary>Tells whether a thing fulfils the filter.</summary>
    /// <typeparam name="T">What is searched.</typeparam>
    /// <param name="item">The thing.</param>
    /// <param name="accessor">Reads its fields.</param>
    /// <returns>Whether it does.</returns>
    public bool Matches<T>(T item, ISearchAccessor<T> accessor)
    {
        ArgumentNullException.ThrowIfNull(accessor);
        foreach (var condition in Conditions)
        {
            var isMet = condition.Field.Entity == SearchEntity.Dataset
                ? accessor.ReadAll(item, condition.Field).Any(condition.IsMetBy)
                : condition.IsMetBy(accessor.Read(item, condition.Field));
            if (!isMet) return false;
        }

        return true;
    }

    /// <summary>Carries the query out over things in memory: filters, orders, and cuts out the page.</summary>
    /// <typeparam name="T">What is searched.</typeparam>
    /// <param name="items">The things, of the scope and view of the query.</param>
    /// <param name="accessor">Reads their fields.</param>
    /// <returns>The page.</returns>
    public Page<T> Find<T>(IEnumerable<T> items, ISearchAccessor<T> accessor)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(accessor);
        var found = new List<(T Item, SearchKey[] Keys)>();
        foreach (var item in items)
        {
            if (!Matches(item, accessor)) continue;
            var keys = new SearchKey[Order.Count];
            for (var i = 0; i < keys.Length; i++) keys[i] = accessor.Read(item, Order[i].Field);
            if (After is null || Compare(keys, After) > 0) found.Add((item, keys));
        }

        found.Sort((left, right) => Compare(left.Keys, right.Keys));
        var count = Math.Min(found.Count, MaxResults);
        return new Page<T>([.. found.Take(count).Select(entry => entry.Item)], found.Count > count ? CreateToken(found[count - 1].Keys) : null);
    }
}
