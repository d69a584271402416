using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Judges how many values occur only once.</summary>
internal sealed class UniquenessScan(UniquenessConstraint constraint, OccurrenceScan occurrences, ColumnSchema column, int rowsShown)
    : ConstraintScan<UniquenessConstraint>(constraint, column, rowsShown)
{
    public override void Add(ColumnView view)
    {
        var repeated = occurrences.IsRepeated;
        for (var row = 0; row < repeated.Length; row++)
        {
            if (repeated[row]) Violate(view.FirstRow + row);
        }
    }

    public override ValidationFinding? Finish()
    {
        Judged = occurrences.Present;
        var uniqueness = (double)occurrences.OnceCount / occurrences.Present;
        var measured = FormattableString.Invariant($"{occurrences.OnceCount:N0} of {occurrences.Present:N0} values ({100 * uniqueness:0.##} %) occur once");
        if (uniqueness < Constraint.MinimumRatio)
            return Found(AnomalyKind.UniquenessLow, FormattableString.Invariant($"{measured}; at least {100 * Constraint.MinimumRatio:0.##} % expected. The rows named repeat an earlier value.")) with { Measured = uniqueness };
        return uniqueness > Constraint.MaximumRatio
            ? Found(AnomalyKind.UniquenessHigh, FormattableString.Invariant($"{measured}; at most {100 * Constraint.MaximumRatio:0.##} % expected.")) with { Measured = uniqueness }
            : null;
    }
}
