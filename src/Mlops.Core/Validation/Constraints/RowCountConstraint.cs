namespace Mlops.Validation;

/// <summary>The number of rows must lie within bounds.</summary>
/// <param name="Minimum">The smallest number; <see langword="null"/> for none.</param>
/// <param name="Maximum">The largest number; <see langword="null"/> for none.</param>
public sealed record RowCountConstraint(long? Minimum = null, long? Maximum = null) : DatasetConstraint
{
    internal override string? FindProblem() => CheckBounds(Minimum, Maximum) ?? (Maximum < 0 ? "its maximum is negative" : null);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ShowBounds(Minimum, Maximum)} rows";
}
