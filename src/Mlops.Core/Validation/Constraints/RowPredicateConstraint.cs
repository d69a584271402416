using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Rows must pass a test written in code.</summary>
/// <remarks>A schema in JSON holds the name of the test; the code is given to the validator under that name (<see cref="DataValidationOptions.RowPredicates"/>).</remarks>
/// <param name="Name">The name of the test: <c>net_and_tax_are_gross</c>.</param>
public sealed record RowPredicateConstraint(string Name) : DatasetConstraint
{
    /// <summary>Gets the test, which is given a batch and the row in it; <see langword="null"/> where the validator is given it by name.</summary>
    [JsonIgnore]
    public Func<DataBatch, int, bool>? Predicate { get; init; }

    /// <summary>Gets the smallest share of the rows that must pass, 0..1.</summary>
    /// <value>The default value is 1: all of them.</value>
    [JsonIgnore]
    public double MinimumRatio { get; init; } = 1;

    [JsonInclude]
    [JsonPropertyName("minimumRatio")]
    internal double? WrittenMinimumRatio
    {
        get => MinimumRatio == 1 ? null : MinimumRatio;
        init => MinimumRatio = value ?? 1;
    }

    internal override object Subject => (GetType(), Name);

    internal override string? FindProblem() => string.IsNullOrEmpty(Name) ? "it has no name" : CheckRatio(MinimumRatio);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Name}{ShowRatio(MinimumRatio, "rows")}";
}
