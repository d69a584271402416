namespace Mlops.Tracking;

/// <summary>Makes filters and orders of searches over model versions, from text in MLflow's grammar or from typed fields.</summary>
/// <example><code>
/// var query = new ModelVersionQuery { Filter = ModelVersionSearch.Name.Is("ridership") &amp; ModelVersionSearch.Version &gt; 3, OrderBy = [ModelVersionSearch.Version.Descending] };
/// var same = query with { Filter = ModelVersionSearch.Filter("name = 'ridership' AND version_number &gt; 3"), OrderBy = ModelVersionSearch.Order("version_number DESC") };
/// </code></example>
public static class ModelVersionSearch
{
    /// <summary>Gets the name of the registered model.</summary>
    public static SearchTextField Name { get; } = new(SearchEntity.Attribute, "name");

    /// <summary>Gets the number of the version.</summary>
    public static SearchNumberField Version { get; } = new(SearchEntity.Attribute, "version_number");

    /// <summary>Gets the folder of the model directory, by which versions are not ordered.</summary>
    public static SearchTextField Source { get; } = new(SearchEntity.Attribute, "source_path");

    /// <summary>Gets the run that trained the version, by which versions are not ordered.</summary>
    public static SearchListField RunId { get; } = new(SearchEntity.Attribute, "run_id");

    /// <summary>Gets when the version was registered; versions are ordered by it only.</summary>
    public static SearchOrderField CreatedAt { get; } = SearchOrderField.OfAttribute("creation_timestamp");

    /// <summary>Gets when the version was changed last; versions are ordered by it only.</summary>
    public static SearchOrderField LastUpdatedAt { get; } = SearchOrderField.OfAttribute("last_updated_timestamp");

    /// <summary>Gets what reads the fields of versions that are searched in memory.</summary>
    public static ISearchAccessor<ModelVersion> Accessor { get; } = new Reader();

    /// <summary>Gets a tag, by which versions are not ordered.</summary>
    /// <param name="name">The name of the tag.</param>
    /// <returns>The field.</returns>
    /// <exception cref="ArgumentException">No tag can have the name.</exception>
    public static SearchTextField Tag(string name) => new(SearchEntity.Tag, SearchRules.CheckKey(name));

    /// <summary>Reads a filter: <c>name = 'ridership' AND version_number &gt; 3</c>.</summary>
    /// <param name="text">The text; empty for all versions.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="SearchSyntaxException">The text is not in the grammar.</exception>
    public static SearchFilter Filter(string text) => SearchParser.ParseFilter(SearchSubject.ModelVersions, text);

    /// <summary>Reads an order: <c>version_number DESC</c>.</summary>
    /// <param name="texts">The fields, the most important first, each with <c>ASC</c>, <c>DESC</c> or nothing behind it.</param>
    /// <returns>The order.</returns>
    /// <exception cref="SearchSyntaxException">A text is not in the grammar.</exception>
    public static IReadOnlyList<SearchOrder> Order(params IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(text => SearchParser.ParseOrder(SearchSubject.ModelVersions, text))];
    }

    private sealed class Reader : ISearchAccessor<ModelVersion>
    {
        public SearchKey Read(ModelVersion item, SearchField field) => field switch
        {
            { Entity: SearchEntity.Tag } => SearchKey.Of(item.Tags.GetValueOrDefault(field.Key)),
            { Key: "name" } => SearchKey.Of(item.Name),
            { Key: "version_number" } => SearchKey.Of(item.Version),
            { Key: "source_path" } => SearchKey.Of(item.Source),
            { Key: "run_id" } => SearchKey.Of(item.Lineage.RunId),
            { Key: "creation_timestamp" } => SearchKey.Of(item.CreatedAt),
            { Key: "last_updated_timestamp" } => SearchKey.Of(item.LastUpdatedAt),
            _ => SearchKey.Missing,
        };

        public IEnumerable<string> ReadAll(ModelVersion item, SearchField field) => [];
    }
}
