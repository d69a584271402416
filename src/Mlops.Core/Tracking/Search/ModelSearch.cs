namespace Mlops.Tracking;

/// <summary>Makes filters and orders of searches over registered models, from text in MLflow's grammar or from typed fields.</summary>
/// <example><code>
/// var query = new ModelQuery { Filter = ModelSearch.Name.Like("rider%") &amp; ModelSearch.Tag("team").Is("transit"), OrderBy = [ModelSearch.LastUpdatedAt.Descending] };
/// var same = query with { Filter = ModelSearch.Filter("name LIKE 'rider%' AND tags.team = 'transit'"), OrderBy = ModelSearch.Order("last_updated_timestamp DESC") };
/// </code></example>
public static class ModelSearch
{
    /// <summary>Gets the name.</summary>
    public static SearchTextField Name { get; } = new(SearchEntity.Attribute, "name");

    /// <summary>Gets when the model, or a version of it, was changed last; models are ordered by it only.</summary>
    public static SearchOrderField LastUpdatedAt { get; } = SearchOrderField.OfAttribute("last_updated_timestamp");

    /// <summary>Gets what reads the fields of models that are searched in memory.</summary>
    public static ISearchAccessor<RegisteredModel> Accessor { get; } = new Reader();

    /// <summary>Gets a tag, by which models are not ordered.</summary>
    /// <param name="name">The name of the tag.</param>
    /// <returns>The field.</returns>
    /// <exception cref="ArgumentException">No tag can have the name.</exception>
    public static SearchTextField Tag(string name) => new(SearchEntity.Tag, SearchRules.CheckKey(name));

    /// <summary>Reads a filter: <c>name LIKE 'rider%' AND tags.team = 'transit'</c>.</summary>
    /// <param name="text">The text; empty for all models.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="SearchSyntaxException">The text is not in the grammar.</exception>
    public static SearchFilter Filter(string text) => SearchParser.ParseFilter(SearchSubject.Models, text);

    /// <summary>Reads an order: <c>last_updated_timestamp DESC</c>.</summary>
    /// <param name="texts">The fields, the most important first, each with <c>ASC</c>, <c>DESC</c> or nothing behind it.</param>
    /// <returns>The order.</returns>
    /// <exception cref="SearchSyntaxException">A text is not in the grammar.</exception>
    public static IReadOnlyList<SearchOrder> Order(params IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(text => SearchParser.ParseOrder(SearchSubject.Models, text))];
    }

    private sealed class Reader : ISearchAccessor<RegisteredModel>
    {
        public SearchKey Read(RegisteredModel item, SearchField field) => field switch
        {
            { Entity: SearchEntity.Tag } => SearchKey.Of(item.Tags.GetValueOrDefault(field.Key)),
            { Key: "name" } => SearchKey.Of(item.Name),
            { Key: "last_updated_timestamp" } => SearchKey.Of(item.LastUpdatedAt),
            _ => SearchKey.Missing,
        };

        public IEnumerable<string> ReadAll(RegisteredModel item, SearchField field) => [];
    }
}
