using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Counts rows without a value; NaN is not a value.</summary>
internal sealed class CompletenessScan(CompletenessConstraint constraint, ColumnSchema column, int rowsShown) : ConstraintScan<CompletenessConstraint>(constraint, column, rowsShown)
{
    public override void Add(ColumnView view)
    {
        Judged += view.Column.Length;
        if (view.Column is { Width: 1, Type: ElementType.Float64 or ElementType.Float32 or ElementType.Float16 }) AddNumbers(view);
        else if (view.Column.NullCount > 0) AddNulls(view);
    }

    public override ValidationFinding? Finish()
    {
        var present = Judged - Violations;
        if (Violations > 0 && present < Constraint.MinimumRatio * Judged)
            return Found(AnomalyKind.Incomplete, FormattableString.Invariant($"{Share("values")} are missing; at least {100 * Constraint.MinimumRatio:0.##} % expected to be there."));
        return present < Constraint.MinimumCount
            ? Found(AnomalyKind.Incomplete, FormattableString.Invariant($"{present:N0} rows have a value; at least {Constraint.MinimumCount:N0} expected."))
            : null;
    }

    private void AddNumbers(ColumnView view)
    {
        if (view.Facts.NaNCount == 0) return;
        var numbers = view.Numbers;
        for (var row = 0; row < numbers.Length; row++)
        {
            if (double.IsNaN(numbers[row])) Violate(view.FirstRow + row);
        }
    }

    private void AddNulls(ColumnView view)
    {
        for (var row = 0; row < view.Column.Length; row++)
        {
            if (view.Column.IsNull(row)) Violate(view.FirstRow + row);
        }
    }
}
