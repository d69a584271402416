namespace Mlops.Validation;

/// <summary>The number of rows, divided by that of other data, must lie within bounds.</summary>
/// <param name="MinimumRatio">The smallest quotient: 0.5 for a fall by half at most; <see langword="null"/> for none.</param>
/// <param name="MaximumRatio">The largest quotient: 2 for twice as many at most; <see langword="null"/> for none.</param>
/// <param name="Profile">The name under which <see cref="DataValidationOptions.Profiles"/> holds the profile of the other data.</param>
public sealed record RowCountChangeConstraint(double? MinimumRatio = null, double? MaximumRatio = null, string Profile = DataValidationOptions.Previous) : DatasetConstraint
{
    internal override object Subject => (GetType(), Profile);

    internal override string? FindProblem()
        => string.IsNullOrEmpty(Profile) ? "it does not name the profile" : CheckBounds(MinimumRatio, MaximumRatio) ?? (MaximumRatio < 0 ? "its maximum is negative" : null);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{ShowBounds(MinimumRatio, MaximumRatio)} times the rows of {Profile}";
}
