using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for values that no row of another dataset has.</summary>
internal sealed class ForeignKeyScan(ForeignKeyConstraint constraint, KeySet keys, ColumnSchema column, int rowsShown) : ConstraintScan<ForeignKeyConstraint>(constraint, column, rowsShown)
{
    private bool[] _isKnown = [];

    public override void Add(ColumnView view)
    {
        var rows = view.Column;
        if (_isKnown.Length < rows.Length) _isKnown = new bool[rows.Length];
        keys.Find(rows, _isKnown.AsSpan(0, rows.Length));
        for (var row = 0; row < rows.Length; row++)
        {
            if (rows.IsNull(row)) continue;
            Judged++;
            if (!_isKnown[row]) Violate(view.FirstRow + row);
        }
    }

    public override ValidationFinding? Finish() => IsWithin(Constraint.MinimumRatio) ? null
        : Found(AnomalyKind.KeyUnknown, $"{Share("values")} are not among the {keys.Count:N0} keys of {Constraint.Keys}{Expected(Constraint.MinimumRatio)}.");
}
