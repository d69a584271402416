using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Values must pass a test written in code.</summary>
/// <remarks>A schema in JSON holds the name of the test; the code is given to the validator under that name (<see cref="DataValidationOptions.Predicates"/>).</remarks>
/// <param name="Name">The name of the test: <c>is_even</c>.</param>
public sealed record PredicateConstraint(string Name) : ValueConstraint
{
    /// <summary>Gets the test; <see langword="null"/> where the validator is given it by name.</summary>
    [JsonIgnore]
    public ColumnPredicate? Predicate { get; init; }

    internal override string Domain => Predicate is null ? "columns of one element a row" : $"columns that can be read as {Predicate.ValueType.Name}";

    internal override object Subject => (GetType(), Name);

    internal override bool CanJudge(ColumnSchema column) => column.Width == 1 && Predicate?.CanJudge(column) != false;

    internal override string? FindProblem() => string.IsNullOrEmpty(Name) ? "it has no name" : base.FindProblem();

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Name}{ShowRatio(MinimumRatio, "values")}";
}
