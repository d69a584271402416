using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A figure of all values of a column must lie within bounds, ends included.</summary>
/// <param name="Aggregate">The figure.</param>
/// <param name="Minimum">The smallest value of the figure; <see langword="null"/> for none.</param>
/// <param name="Maximum">The largest value of the figure; <see langword="null"/> for none.</param>
public sealed record AggregateConstraint(ColumnAggregate Aggregate, double? Minimum = null, double? Maximum = null) : ColumnConstraint
{
    internal override string Domain => "numbers";

    internal override object Subject => Aggregate;

    internal override bool CanJudge(ColumnSchema column) => IsNumber(column);

    internal override string? FindProblem() => CheckBounds(Minimum, Maximum);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"a {ConstraintText.Of(Aggregate)} {ShowBounds(Minimum, Maximum)}";
}
