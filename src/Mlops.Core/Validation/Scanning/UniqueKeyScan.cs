using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for rows whose key another row has, or that have none.</summary>
internal sealed class UniqueKeyScan(UniqueKeyConstraint constraint, DataSchema actual, int rowsShown) : RowScan(constraint, rowsShown)
{
    private readonly DataSchema _schema = actual.Select(constraint.Columns);
    private readonly RowKeys _keys = new([.. actual.Select(constraint.Columns)], areNullsValues: false);
    private int[] _numbers = [];

    public override ValidationFinding? Finish() => Finish(AnomalyKind.UniquenessLow, $"lack a key ({string.Join(", ", constraint.Columns)}), or repeat that of an earlier row", constraint.MinimumRatio);

    protected override void Judge(DataBatch batch, long firstRow)
    {
        if (_numbers.Length < batch.RowCount) _numbers = new int[batch.RowCount];
        var next = _keys.Count;
        _keys.Add(new DataBatch(_schema, constraint.Columns.Select(name => batch[name])), _numbers.AsSpan(0, batch.RowCount));
        for (var row = 0; row < batch.RowCount; row++)
        {
            // New keys are numbered in the order of their rows.
            if (_numbers[row] == next) next++;
            else Violate(firstRow + row);
        }
    }
}
