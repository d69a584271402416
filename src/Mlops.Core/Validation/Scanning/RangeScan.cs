using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for numbers outside a range.</summary>
internal sealed class RangeScan(RangeConstraint constraint, ColumnSchema column, int rowsShown) : ConstraintScan<RangeConstraint>(constraint, column, rowsShown)
{
    private readonly double _minimum = constraint.Minimum ?? double.NegativeInfinity;
    private readonly double _maximum = constraint.Maximum ?? double.PositiveInfinity;
    private long _below;

    public override void Add(ColumnView view)
    {
        var facts = view.Facts;
        var numbers = view.Numbers;
        Judged += numbers.Length - facts.NaNCount;
        if (facts.NaNCount == numbers.Length || (facts.Minimum >= _minimum && facts.Maximum <= _maximum)) return;
        for (var row = 0; row < numbers.Length; row++)
        {
            // NaN is neither below nor above.
            if (!(numbers[row] < _minimum) && !(numbers[row] > _maximum)) continue;
            if (numbers[row] < _minimum) _below++;
            Violate(view.FirstRow + row);
        }
    }

    public override ValidationFinding? Finish()
    {
        if (IsWithin(Constraint.MinimumRatio)) return null;
        var sides = _below == 0 ? "above" : _below == Violations ? "below" : "outside";
        return Found(_below * 2 > Violations ? AnomalyKind.BelowRange : AnomalyKind.AboveRange, $"{Share("values")} are {sides} the range, {Constraint}{Expected(Constraint.MinimumRatio)}.");
    }
}
