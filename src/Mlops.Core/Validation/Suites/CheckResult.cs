using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>What one check of a suite found.</summary>
/// <param name="Check">The name of the check: <c>duplicate_rows</c>.</param>
/// <param name="Summary">What was found, in one sentence. Holds no value of the data.</param>
/// <param name="Conditions">The conditions; none where the check only shows.</param>
public sealed record CheckResult(string Check, string Summary, IReadOnlyList<CheckCondition> Conditions)
{
    private readonly CheckStatus? _status;
    private readonly OrderedDictionary<string, double?> _values = [];

    /// <summary>Gets what the check comes to: the worst of its conditions, where nothing else was set.</summary>
    public CheckStatus Status
    {
        get => _status ?? (Conditions.Count == 0 ? CheckStatus.Pass : Conditions.Max(condition => condition.Status));
        init => _status = value;
    }

    /// <summary>Gets the figures that were measured, by name: <c>duplicate_ratio</c>; <see langword="null"/> where one is undefined for these data.</summary>
    /// <value>In the order in which they were given; NaN and infinities become <see langword="null"/>.</value>
    public IReadOnlyDictionary<string, double?> Values
    {
        get => _values;
        init => _values = new(value.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is { } figure && double.IsFinite(figure) ? pair.Value : null)), StringComparer.Ordinal);
    }

    /// <summary>Gets the figures for people to read.</summary>
    public IReadOnlyList<CheckTable> Tables { get; init; } = [];

    /// <summary>Gets the question that the check answers; the suite fills it in.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets how long the check took, without the reading of the data and what checks share; the suite fills it in.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets why the check could not be carried out; <see langword="null"/> otherwise, and in a report that was read from JSON. Unlike the rest of the result, it may quote values of the data.</summary>
    [JsonIgnore]
    public Exception? Exception { get; init; }

    /// <summary>Makes the result of a check that had nothing to look at.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="reason">What is absent.</param>
    /// <returns>The result.</returns>
    public static CheckResult NotApplicable(string check, string reason) => new(check, reason, []) { Status = CheckStatus.NotApplicable };
}
