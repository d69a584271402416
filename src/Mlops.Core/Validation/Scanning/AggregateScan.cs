using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Judges a figure of all values.</summary>
internal sealed class AggregateScan<TConstraint>(TConstraint constraint, double? minimum, double? maximum, Func<double> measure, ColumnSchema column, int rowsShown)
    : ConstraintScan<TConstraint>(constraint, column, rowsShown)
    where TConstraint : ColumnConstraint
{
    public override void Add(ColumnView view) => Judged += view.Column.Length - view.Column.NullCount;

    public override ValidationFinding? Finish()
    {
        var measured = measure();
        if (double.IsNaN(measured)) return Found(AnomalyKind.StatisticsMissing, $"There is no value to measure; {Constraint} expected.");
        var side = measured < minimum ? "below" : measured > maximum ? "above" : null;
        return side is null ? null : Found(AnomalyKind.AggregateOutOfRange, $"The figure is {side} what is expected: {Constraint}.") with { Measured = double.IsFinite(measured) ? measured : null };
    }
}
