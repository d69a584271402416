using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Texts, truth values (<c>true</c>, <c>false</c>) or whole numbers must be of a set.</summary>
/// <param name="Values">The set; whole numbers as their digits.</param>
public sealed record SetConstraint(IReadOnlyList<string> Values) : ValueConstraint
{
    internal override string Domain => "texts, truth values and whole numbers";

    internal override bool CanJudge(ColumnSchema column)
        => column.Width == 1 && !column.Type.IsFloatingPoint() && column.Type is not (ElementType.Date or ElementType.Timestamp);

    internal override string? FindProblem() => Values is null or { Count: 0 } ? "its set is empty" : Values.Any(value => value is null) ? "its set holds a null" : base.FindProblem();

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => FormattableString.Invariant($"one of {Values.Count} known values{ShowRatio(MinimumRatio, "values")}");
}
