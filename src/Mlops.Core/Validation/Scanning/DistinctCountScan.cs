using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Judges the number of different values.</summary>
internal sealed class DistinctCountScan(DistinctCountConstraint constraint, OccurrenceScan occurrences, ColumnSchema column, int rowsShown)
    : ConstraintScan<DistinctCountConstraint>(constraint, column, rowsShown)
{
    public override void Add(ColumnView view)
    {
    }

    public override ValidationFinding? Finish()
    {
        Judged = occurrences.Present;
        var kind = occurrences.DistinctCount < Constraint.Minimum ? AnomalyKind.TooFewDistinct : occurrences.DistinctCount > Constraint.Maximum ? AnomalyKind.TooManyDistinct : (AnomalyKind?)null;
        return kind is { } wrong ? Found(wrong, FormattableString.Invariant($"There are {occurrences.DistinctCount:N0} different values; {Constraint} expected.")) with { Measured = occurrences.DistinctCount } : null;
    }
}
