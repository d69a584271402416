namespace Mlops.Tracking;

/// <summary>What MLflow's grammar allows in the searches of one kind of thing.</summary>
internal sealed class SearchSubject
{
    private static readonly Dictionary<string, SearchEntity> s_attributesAndTags = new(StringComparer.Ordinal)
    {
        ["attribute"] = SearchEntity.Attribute, ["attributes"] = SearchEntity.Attribute, ["attr"] = SearchEntity.Attribute,
        ["tag"] = SearchEntity.Tag, ["tags"] = SearchEntity.Tag,
    };

    private SearchSubject(string name, IReadOnlyDictionary<string, SearchEntity> entities)
    {
        Name = name;
        Entities = entities;
    }

    /// <summary>Gets the grammar of runs.</summary>
    public static SearchSubject Runs { get; } = new("runs", new Dictionary<string, SearchEntity>(s_attributesAndTags, StringComparer.Ordinal)
    {
        ["run"] = SearchEntity.Attribute,
        ["metric"] = SearchEntity.Metric, ["metrics"] = SearchEntity.Metric,
        ["param"] = SearchEntity.Param, ["params"] = SearchEntity.Param, ["parameter"] = SearchEntity.Param, ["parameters"] = SearchEntity.Param,
        ["dataset"] = SearchEntity.Dataset, ["datasets"] = SearchEntity.Dataset,
    })
    {
        Attributes = new Dictionary<string, SearchFieldKind>(StringComparer.Ordinal)
        {
            ["run_id"] = SearchFieldKind.ListedText, ["run_name"] = SearchFieldKind.Text, ["user_id"] = SearchFieldKind.Text, ["status"] = SearchFieldKind.Text,
            ["artifact_uri"] = SearchFieldKind.Text, ["start_time"] = SearchFieldKind.Number, ["end_time"] = SearchFieldKind.Number,
        },
        Aliases = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["run name"] = "run_name", ["Run name"] = "run_name", ["Run Name"] = "run_name", ["created"] = "start_time", ["Created"] = "start_time",
        },
        TieBreak = [new SearchOrder(new SearchField(SearchEntity.Attribute, "start_time"), true), new SearchOrder(new SearchField(SearchEntity.Attribute, "run_id"), true)],
        TieFollows = new SearchField(SearchEntity.Attribute, "start_time"),
    };

    /// <summary>Gets the grammar of experiments.</summary>
    public static SearchSubject Experiments { get; } = new("experiments", s_attributesAndTags)
    {
        Attributes = new Dictionary<string, SearchFieldKind>(StringComparer.Ordinal)
        {
            ["name"] = SearchFieldKind.Text, ["creation_time"] = SearchFieldKind.Number, ["last_update_time"] = SearchFieldKind.Number, ["experiment_id"] = SearchFieldKind.OrderOnly,
        },
        DefaultOrder = [new SearchOrder(new SearchField(SearchEntity.Attribute, "creation_time"), true)],
        TieBreak = [new SearchOrder(new SearchField(SearchEntity.Attribute, "experiment_id"), true)],
    };

    /// <summary>Gets the grammar of registered models.</summary>
    public static SearchSubject Models { get; } = new("registered models", s_attributesAndTags)
    {
        Attributes = new Dictionary<string, SearchFieldKind>(StringComparer.Ordinal)
        {
            ["name"] = SearchFieldKind.Text, ["last_updated_timestamp"] = SearchFieldKind.OrderOnly,
        },
        Aliases = new Dictionary<string, string>(StringComparer.Ordinal) { ["timestamp"] = "last_updated_timestamp" },
        TieBreak = [new SearchOrder(new SearchField(SearchEntity.Attribute, "name"))],
    };

    /// <summary>Gets the grammar of model versions.</summary>
    public static SearchSubject ModelVersions { get; } = new("model versions", s_attributesAndTags)
    {
        Attributes = new Dictionary<string, SearchFieldKind>(StringComparer.Ordinal)
        {
            ["name"] = SearchFieldKind.Text, ["source_path"] = SearchFieldKind.Text, ["run_id"] = SearchFieldKind.ListedText, ["version_number"] = SearchFieldKind.Number,
            ["creation_timestamp"] = SearchFieldKind.OrderOnly, ["last_updated_timestamp"] = SearchFieldKind.OrderOnly,
        },
        NotOrderable = ["source_path", "run_id"],
        TieBreak =
        [
            new SearchOrder(new SearchField(SearchEntity.Attribute, "last_updated_timestamp"), true),
            new SearchOrder(new SearchField(SearchEntity.Attribute, "name")),
            new SearchOrder(new SearchField(SearchEntity.Attribute, "version_number"), true),
        ],
    };

    /// <summary>Gets what is searched for, in the plural.</summary>
    public string Name { get; }

    /// <summary>Gets the words that stand before the dot.</summary>
    public IReadOnlyDictionary<string, SearchEntity> Entities { get; }

    /// <summary>Gets the attributes by their proper names.</summary>
    public required IReadOnlyDictionary<string, SearchFieldKind> Attributes { get; init; }

    /// <summary>Gets other names of attributes.</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the attributes that are not ordered by, though they are compared.</summary>
    public IReadOnlyList<string> NotOrderable { get; init; } = [];

    /// <summary>Gets the order when none is given, before <see cref="TieBreak"/>.</summary>
    public IReadOnlyList<SearchOrder> DefaultOrder { get; init; } = [];

    /// <summary>Gets what follows every order, so that no two things are equal in it.</summary>
    public required IReadOnlyList<SearchOrder> TieBreak { get; init; }

    /// <summary>Gets the time whose direction the last key of <see cref="TieBreak"/> has; <see langword="null"/> where it has its own.</summary>
    public SearchField? TieFollows { get; init; }

    /// <summary>Finds what a field means: the tag that holds MLflow's name of a run is the run's name.</summary>
    public SearchField Resolve(SearchField field)
        => this == Runs && field is { Entity: SearchEntity.Tag, Key: RunTags.RunName } ? new SearchField(SearchEntity.Attribute, "run_name") : field;

    /// <summary>Tells how a field is compared.</summary>
    /// <returns>How, or <see langword="null"/> when these things have no such field.</returns>
    public SearchFieldKind? KindOf(SearchField field) => field.Entity switch
    {
        _ when string.IsNullOrEmpty(field.Key) || !Entities.Values.Contains(field.Entity) => null,
        SearchEntity.Attribute => Attributes.TryGetValue(field.Key, out var kind) ? kind : null,
        SearchEntity.Metric => SearchFieldKind.Number,
        SearchEntity.Dataset => field.Key is "name" or "digest" or "context" ? SearchFieldKind.ListedText : null,
        _ => SearchFieldKind.Text,
    };

    /// <summary>Tells whether things can be ordered by a field.</summary>
    public bool IsOrderable(SearchField field) => field.Entity switch
    {
        SearchEntity.Dataset => false,
        // MLflow orders registered things by their attributes only.
        _ when KindOf(field) is null || (this != Runs && field.Entity != SearchEntity.Attribute) => false,
        _ => field.Entity != SearchEntity.Attribute || !NotOrderable.Contains(field.Key),
    };

    /// <summary>Lists the operators that a field of a kind takes, for messages.</summary>
    public static string OperatorsOf(SearchFieldKind kind) => kind switch
    {
        SearchFieldKind.Number => "=, !=, <, <=, > and >=",
        SearchFieldKind.Text => "=, !=, LIKE and ILIKE",
        SearchFieldKind.ListedText => "=, !=, LIKE, ILIKE, IN and NOT IN",
        _ => "none",
    };

    /// <summary>Tells whether a field of a kind takes an operator.</summary>
    public static bool Takes(SearchFieldKind kind, SearchOperator @operator) => (kind, @operator) switch
    {
        (SearchFieldKind.OrderOnly, _) => false,
        (_, SearchOperator.Equal or SearchOperator.NotEqual) => true,
        (SearchFieldKind.Number, SearchOperator.Less or SearchOperator.LessOrEqual or SearchOperator.Greater or SearchOperator.GreaterOrEqual) => true,
        (SearchFieldKind.Text or SearchFieldKind.ListedText, SearchOperator.Like or SearchOperator.ILike) => true,
        (SearchFieldKind.ListedText, SearchOperator.In or SearchOperator.NotIn) => true,
        _ => false,
    };

    /// <summary>Lists the attributes for messages.</summary>
    public string DescribeAttributes(bool orderable) => string.Join(", ", Attributes
        .Where(attribute => orderable ? !NotOrderable.Contains(attribute.Key) : attribute.Value != SearchFieldKind.OrderOnly)
        .Select(attribute => attribute.Key));
}
