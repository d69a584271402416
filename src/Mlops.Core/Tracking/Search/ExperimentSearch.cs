using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Makes filters and orders of searches over experiments, from text in MLflow's grammar or from typed fields.</summary>
/// <example><code>
/// var query = new ExperimentQuery { Filter = ExperimentSearch.Name.Like("ridership%") &amp; ExperimentSearch.Tag("team").Is("transit"), OrderBy = [ExperimentSearch.Name.Ascending] };
/// var same = query with { Filter = ExperimentSearch.Filter("name LIKE 'ridership%' AND tags.team = 'transit'"), OrderBy = ExperimentSearch.Order("name") };
/// </code></example>
public static class ExperimentSearch
{
    /// <summary>Gets the name.</summary>
    public static SearchTextField Name { get; } = new(SearchEntity.Attribute, "name");

    /// <summary>Gets when the experiment was created.</summary>
    public static SearchTimeField CreatedAt { get; } = new("creation_time");

    /// <summary>Gets when the experiment was changed last.</summary>
    public static SearchTimeField LastUpdatedAt { get; } = new("last_update_time");

    /// <summary>Gets the identifier, by which experiments are ordered only.</summary>
    public static SearchOrderField Id { get; } = SearchOrderField.OfAttribute("experiment_id");

    /// <summary>Gets what reads the fields of experiments that are searched in memory.</summary>
    public static ISearchAccessor<Experiment> Accessor { get; } = new Reader();

    /// <summary>Gets a tag.</summary>
    /// <param name="name">The name of the tag.</param>
    /// <returns>The field.</returns>
    /// <exception cref="ArgumentException">No tag can have the name.</exception>
    public static SearchTextField Tag(string name) => new(SearchEntity.Tag, SearchRules.CheckKey(name));

    /// <summary>Reads a filter: <c>name LIKE 'ridership%' AND tags.team = 'transit'</c>.</summary>
    /// <param name="text">The text; empty for all experiments.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="SearchSyntaxException">The text is not in the grammar.</exception>
    public static SearchFilter Filter(string text) => SearchParser.ParseFilter(SearchSubject.Experiments, text);

    /// <summary>Reads an order: <c>last_update_time DESC</c>.</summary>
    /// <param name="texts">The fields, the most important first, each with <c>ASC</c>, <c>DESC</c> or nothing behind it.</param>
    /// <returns>The order.</returns>
    /// <exception cref="SearchSyntaxException">A text is not in the grammar.</exception>
    public static IReadOnlyList<SearchOrder> Order(params IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(text => SearchParser.ParseOrder(SearchSubject.Experiments, text))];
    }

    private sealed class Reader : ISearchAccessor<Experiment>
    {
        public SearchKey Read(Experiment item, SearchField field) => field switch
        {
            { Entity: SearchEntity.Tag } => SearchKey.Of(item.Tags.GetValueOrDefault(field.Key)),
            { Key: "name" } => SearchKey.Of(item.Name),
            { Key: "creation_time" } => SearchKey.Of(item.CreatedAt),
            { Key: "last_update_time" } => SearchKey.Of(item.LastUpdatedAt),
            // The identifiers of stores that count are numbers, and ordered as such.
            { Key: "experiment_id" } => long.TryParse(item.Id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? SearchKey.Of(number) : SearchKey.Of(item.Id),
            _ => SearchKey.Missing,
        };

        public IEnumerable<string> ReadAll(Experiment item, SearchField field) => [];
    }
}
