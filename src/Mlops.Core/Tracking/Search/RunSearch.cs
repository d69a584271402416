namespace Mlops.Tracking;

/// <summary>Makes filters and orders of searches over runs, from text in MLflow's grammar or from typed fields.</summary>
/// <remarks>
/// <para>A run without the field never matches, not even <c>!=</c>, and comes last in an order. A metric is compared by its latest value; NaN matches no comparison of numbers and
/// comes after all numbers.</para>
/// <para>Source of the grammar: MLflow's search syntax.</para>
/// </remarks>
/// <example><code>
/// var query = new RunQuery("ridership")
/// {
///     Filter = RunSearch.Metric("rmse") &lt; 900 &amp; RunSearch.Param("kind").Is("ridge") &amp; RunSearch.Status.Is(RunStatus.Finished),
///     OrderBy = [RunSearch.Metric("rmse").Ascending],
/// };
/// var same = query with { Filter = RunSearch.Filter("metrics.rmse &lt; 900 AND params.kind = 'ridge' AND status = 'FINISHED'"), OrderBy = RunSearch.Order("metrics.rmse") };
/// </code></example>
public static class RunSearch
{
    /// <summary>Gets the identifier.</summary>
    public static SearchListField Id { get; } = new(SearchEntity.Attribute, "run_id");

    /// <summary>Gets the name.</summary>
    public static SearchTextField Name { get; } = new(SearchEntity.Attribute, "run_name");

    /// <summary>Gets who started the run.</summary>
    public static SearchTextField User { get; } = new(SearchEntity.Attribute, "user_id");

    /// <summary>Gets the status.</summary>
    public static SearchStatusField Status { get; } = new();

    /// <summary>Gets when the run started.</summary>
    public static SearchTimeField StartTime { get; } = new("start_time");

    /// <summary>Gets when the run ended; one that goes on has none.</summary>
    public static SearchTimeField EndTime { get; } = new("end_time");

    /// <summary>Gets the folder of the run's artifacts.</summary>
    public static SearchTextField ArtifactRoot { get; } = new(SearchEntity.Attribute, "artifact_uri");

    /// <summary>Gets the name of a dataset that the run used.</summary>
    public static SearchDatasetField DatasetName { get; } = new("name");

    /// <summary>Gets the fingerprint of a dataset that the run used.</summary>
    public static SearchDatasetField DatasetDigest { get; } = new("digest");

    /// <summary>Gets what the run used a dataset for.</summary>
    public static SearchDatasetField DatasetContext { get; } = new("context");

    /// <summary>Gets what reads the fields of runs that are searched in memory.</summary>
    public static ISearchAccessor<RunSnapshot> Accessor { get; } = new Reader();

    /// <summary>Gets the latest value of a metric.</summary>
    /// <param name="name">The name of the metric.</param>
    /// <returns>The field.</returns>
    /// <exception cref="ArgumentException">No metric can have the name.</exception>
    public static SearchNumberField Metric(string name) => new(SearchEntity.Metric, SearchRules.CheckKey(name));

    /// <summary>Gets a param, which is compared as a text.</summary>
    /// <param name="name">The name of the param.</param>
    /// <returns>The field.</returns>
    /// <exception cref="ArgumentException">No param can have the name.</exception>
    public static SearchTextField Param(string name) => new(SearchEntity.Param, SearchRules.CheckKey(name));

    /// <summary>Gets a tag.</summary>
    /// <param name="name">The name of the tag.</param>
    /// <returns>The field.</returns>
    /// <exception cref="ArgumentException">No tag can have the name.</exception>
    public static SearchTextField Tag(string name) => new(SearchEntity.Tag, SearchRules.CheckKey(name));

    /// <summary>Reads a filter: <c>metrics.auc &gt; 0.9 AND params.kind = 'ridge'</c>.</summary>
    /// <param name="text">The text; empty for all runs.</param>
    /// <returns>The filter.</returns>
    /// <exception cref="SearchSyntaxException">The text is not in the grammar.</exception>
    public static SearchFilter Filter(string text) => SearchParser.ParseFilter(SearchSubject.Runs, text);

    /// <summary>Reads an order: <c>metrics.auc DESC</c>, <c>start_time</c>.</summary>
    /// <param name="texts">The fields, the most important first, each with <c>ASC</c>, <c>DESC</c> or nothing behind it.</param>
    /// <returns>The order.</returns>
    /// <exception cref="SearchSyntaxException">A text is not in the grammar.</exception>
    public static IReadOnlyList<SearchOrder> Order(params IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return [.. texts.Select(text => SearchParser.ParseOrder(SearchSubject.Runs, text))];
    }

    private sealed class Reader : ISearchAccessor<RunSnapshot>
    {
        public SearchKey Read(RunSnapshot item, SearchField field) => field switch
        {
            { Entity: SearchEntity.Metric } => item.Metrics.TryGetValue(field.Key, out var metric) ? SearchKey.Of(metric.Value) : SearchKey.Missing,
            { Entity: SearchEntity.Param } => SearchKey.Of(item.Params.GetValueOrDefault(field.Key)),
            { Entity: SearchEntity.Tag } => SearchKey.Of(item.Tags.GetValueOrDefault(field.Key)),
            { Key: "run_id" } => SearchKey.Of(item.Id),
            { Key: "run_name" } => SearchKey.Of(item.Name),
            { Key: "user_id" } => SearchKey.Of(item.User),
            { Key: "status" } => SearchKey.Of(SearchStatusField.ToText(item.Status)),
            { Key: "artifact_uri" } => SearchKey.Of(item.ArtifactRoot),
            { Key: "start_time" } => SearchKey.Of(item.StartTime),
            { Key: "end_time" } => SearchKey.Of(item.EndTime),
            _ => SearchKey.Missing,
        };

        public IEnumerable<string> ReadAll(RunSnapshot item, SearchField field) => field.Key switch
        {
            "name" => item.Inputs.Select(input => input.Dataset.Name),
            "digest" => item.Inputs.Select(input => input.Dataset.Digest),
            "context" => item.Inputs.Select(input => input.Context).Where(context => context.Length > 0),
            _ => [],
        };
    }
}
