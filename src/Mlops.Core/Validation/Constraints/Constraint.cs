using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>Something that must hold for data. Immutable.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(CompletenessConstraint), "completeness")]
[JsonDerivedType(typeof(RangeConstraint), "range")]
[JsonDerivedType(typeof(TimeRangeConstraint), "time_range")]
[JsonDerivedType(typeof(FiniteConstraint), "finite")]
[JsonDerivedType(typeof(SetConstraint), "set")]
[JsonDerivedType(typeof(PatternConstraint), "pattern")]
[JsonDerivedType(typeof(LengthConstraint), "length")]
[JsonDerivedType(typeof(UniquenessConstraint), "uniqueness")]
[JsonDerivedType(typeof(DistinctCountConstraint), "distinct_count")]
[JsonDerivedType(typeof(MonotoneConstraint), "monotone")]
[JsonDerivedType(typeof(ComparisonConstraint), "comparison")]
[JsonDerivedType(typeof(AggregateConstraint), "aggregate")]
[JsonDerivedType(typeof(QuantileConstraint), "quantile")]
[JsonDerivedType(typeof(ForeignKeyConstraint), "foreign_key")]
[JsonDerivedType(typeof(DistributionConstraint), "distribution")]
[JsonDerivedType(typeof(PredicateConstraint), "predicate")]
[JsonDerivedType(typeof(RowCountConstraint), "row_count")]
[JsonDerivedType(typeof(RowCountChangeConstraint), "row_count_change")]
[JsonDerivedType(typeof(UniqueKeyConstraint), "unique_key")]
[JsonDerivedType(typeof(RowPredicateConstraint), "row_predicate")]
public abstract record Constraint
{
    private protected Constraint()
    {
    }

    /// <summary>Gets how bad a violation is.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Error"/>.</value>
    [JsonIgnore]
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Error;

    /// <summary>Gets the environments in which the constraint applies, as <see cref="DataValidationOptions.Environment"/> names them.</summary>
    /// <value>The default value is empty: it applies in all.</value>
    [JsonIgnore]
    public IReadOnlyList<string> Environments { get; init; } = [];

    // In JSON what has its default is left out; the serialiser sets what is left out to null, not to the default.
    [JsonInclude]
    [JsonPropertyName("severity")]
    [JsonPropertyOrder(1)]
    internal ValidationSeverity? WrittenSeverity
    {
        get => Severity == ValidationSeverity.Error ? null : Severity;
        init => Severity = value ?? ValidationSeverity.Error;
    }

    [JsonInclude]
    [JsonPropertyName("environments")]
    [JsonPropertyOrder(1)]
    internal IReadOnlyList<string>? WrittenEnvironments
    {
        get => Environments.Count == 0 ? null : Environments;
        init => Environments = value ?? [];
    }

    /// <summary>Gets what a column, or the rows as a whole, have only one of at one severity: a new constraint takes the place of the one that asks the same.</summary>
    internal virtual object Subject => GetType();

    /// <summary>Tells whether the constraint asks the same as an earlier one, as severely and in the same environments.</summary>
    internal bool TakesPlaceOf(Constraint before)
        => before.Subject.Equals(Subject) && before.Severity == Severity && before.Environments.SequenceEqual(Environments, StringComparer.Ordinal);

    /// <summary>Finds what makes the constraint impossible to meet, whatever the data are; <see langword="null"/> where nothing does.</summary>
    internal virtual string? FindProblem() => null;

    /// <summary>Tells whether the constraint applies in an environment.</summary>
    internal bool AppliesIn(string? environment) => environment is null || Environments.Count == 0 || Environments.Contains(environment, StringComparer.Ordinal);

    private protected static string? CheckRatio(double ratio, string name = "minimumRatio")
        => ratio is >= 0 and <= 1 ? null : FormattableString.Invariant($"{name} is {ratio}; it is a share from 0 to 1");

    private protected static string? CheckBounds(double? minimum, double? maximum)
    {
        if (minimum is null && maximum is null) return "it has neither a minimum nor a maximum";
        if (minimum is double.NaN || maximum is double.NaN) return "a bound is NaN, which nothing compares with";
        if (minimum is { } low && double.IsInfinity(low) || maximum is { } high && double.IsInfinity(high)) return "a bound is infinite; leave it out";
        return minimum > maximum ? FormattableString.Invariant($"its minimum ({minimum}) is above its maximum ({maximum})") : null;
    }

    private protected static string ShowBounds(double? minimum, double? maximum) => (minimum, maximum) switch
    {
        ({ } low, { } high) => FormattableString.Invariant($"from {low:g6} to {high:g6}"),
        ({ } low, null) => FormattableString.Invariant($"at least {low:g6}"),
        _ => FormattableString.Invariant($"at most {maximum:g6}"),
    };

    private protected static string ShowRatio(double ratio, string of) => ratio == 1 ? "" : FormattableString.Invariant($", for at least {100 * ratio:0.##} % of the {of}");
}
