using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Rows must have a value: a share of them, and so many; NaN is not a value.</summary>
/// <param name="MinimumRatio">The smallest share of rows with a value, 0..1.</param>
/// <param name="MinimumCount">The smallest number of rows with a value; <see langword="null"/> for none.</param>
public sealed record CompletenessConstraint(double MinimumRatio = 1, long? MinimumCount = null) : ColumnConstraint
{
    internal override string Domain => "columns of any type";

    internal override bool CanJudge(ColumnSchema column) => true;

    internal override string? FindProblem() => CheckRatio(MinimumRatio) ?? (MinimumCount < 0 ? "minimumCount is negative" : null);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => FormattableString.Invariant(
        $"a value in {(MinimumRatio == 1 ? "every row" : FormattableString.Invariant($"at least {100 * MinimumRatio:0.##} % of the rows"))}{(MinimumCount is null ? "" : FormattableString.Invariant($", in at least {MinimumCount} rows"))}");
}
