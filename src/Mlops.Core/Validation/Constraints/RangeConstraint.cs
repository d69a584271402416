using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Numbers must lie within a range, ends included. NaN is a missing value; infinities are judged.</summary>
/// <remarks>Values are compared as 64-bit floating point, in which integers beyond 2⁵³ are rounded.</remarks>
/// <param name="Minimum">The smallest value; <see langword="null"/> for none.</param>
/// <param name="Maximum">The largest value; <see langword="null"/> for none.</param>
public sealed record RangeConstraint(double? Minimum = null, double? Maximum = null) : ValueConstraint
{
    internal override string Domain => "numbers";

    internal override bool CanJudge(ColumnSchema column) => IsNumber(column);

    internal override string? FindProblem() => CheckBounds(Minimum, Maximum) ?? base.FindProblem();

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ShowBounds(Minimum, Maximum)}{ShowRatio(MinimumRatio, "values")}";
}
