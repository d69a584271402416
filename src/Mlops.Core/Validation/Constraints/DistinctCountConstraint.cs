using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The number of different values must lie within bounds. Missing values are not counted.</summary>
/// <remarks>The number is exact; memory grows with it, by up to 26 bytes each (texts: 49).</remarks>
/// <param name="Minimum">The smallest number; <see langword="null"/> for none.</param>
/// <param name="Maximum">The largest number; <see langword="null"/> for none.</param>
public sealed record DistinctCountConstraint(long? Minimum = null, long? Maximum = null) : ColumnConstraint
{
    internal override string Domain => "columns of one element a row";

    internal override bool CanJudge(ColumnSchema column) => column.Width == 1;

    internal override string? FindProblem() => CheckBounds(Minimum, Maximum) ?? (Maximum < 0 ? "its maximum is negative" : null);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ShowBounds(Minimum, Maximum)} different values";
}
