using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Texts must have a length within bounds, in characters (Unicode code points).</summary>
/// <param name="Minimum">The smallest length; <see langword="null"/> for none.</param>
/// <param name="Maximum">The largest length; <see langword="null"/> for none.</param>
public sealed record LengthConstraint(int? Minimum = null, int? Maximum = null) : ValueConstraint
{
    internal override string Domain => "texts";

    internal override bool CanJudge(ColumnSchema column) => column.Type == ElementType.String;

    internal override string? FindProblem() => CheckBounds(Minimum, Maximum) ?? (Maximum < 0 ? "its maximum is negative" : null) ?? base.FindProblem();

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ShowBounds(Minimum, Maximum)} characters{ShowRatio(MinimumRatio, "values")}";
}
