using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for days and moments outside a period.</summary>
internal sealed class TimeRangeScan(TimeRangeConstraint constraint, ColumnSchema column, int rowsShown) : ConstraintScan<TimeRangeConstraint>(constraint, column, rowsShown)
{
    private readonly long _earliest = constraint.Earliest?.Ticks ?? long.MinValue;
    private readonly long _latest = constraint.Latest?.Ticks ?? long.MaxValue;
    private long _early;

    public override void Add(ColumnView view)
    {
        Judged += view.Column.Length - view.Column.NullCount;
        if (view.Column is Column<DateOnly> days)
        {
            for (var row = 0; row < days.Length; row++) Judge(view, row, days.Values[row].DayNumber * TimeSpan.TicksPerDay);
        }
        else
        {
            var moments = (Column<DateTime>)view.Column;
            for (var row = 0; row < moments.Length; row++) Judge(view, row, moments.Values[row].Ticks);
        }
    }

    public override ValidationFinding? Finish()
    {
        if (IsWithin(Constraint.MinimumRatio)) return null;
        return Found(_early * 2 > Violations ? AnomalyKind.BelowRange : AnomalyKind.AboveRange, $"{Share("values")} are outside the period, {Constraint}{Expected(Constraint.MinimumRatio)}.");
    }

    private void Judge(ColumnView view, int row, long ticks)
    {
        if ((ticks >= _earliest && ticks <= _latest) || view.Column.IsNull(row)) return;
        if (ticks < _earliest) _early++;
        Violate(view.FirstRow + row);
    }
}
