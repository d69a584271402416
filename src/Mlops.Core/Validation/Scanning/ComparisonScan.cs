using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Compares two columns, row by row.</summary>
internal sealed class ComparisonScan(ComparisonConstraint constraint, ColumnSchema column, int other, bool isSameType, int rowsShown) : ConstraintScan<ComparisonConstraint>(constraint, column, rowsShown)
{
    private double[] _others = [];

    public override void Add(ColumnView view)
    {
        var others = view.Batch[other];
        if (view.Column is TextColumn texts) AddTexts(texts, (TextColumn)others, view.FirstRow);
        // Ordered bits are exact where numbers would be rounded: integers beyond 2⁵³, ticks.
        else if (isSameType) AddBits(view.Column, others, view.FirstRow);
        else AddNumbers(view, others);
    }

    public override ValidationFinding? Finish() => IsWithin(Constraint.MinimumRatio) ? null
        : Found(AnomalyKind.ComparisonViolated, $"{Share("rows")} are not {ConstraintText.Of(Constraint.Operator)} '{Constraint.Other}'{Expected(Constraint.MinimumRatio)}.");

    private void AddTexts(TextColumn texts, TextColumn others, long firstRow)
    {
        for (var row = 0; row < texts.Length; row++)
        {
            if (!texts.IsNull(row) && !others.IsNull(row)) Judge(texts.GetUtf8(row).SequenceCompareTo(others.GetUtf8(row)), firstRow + row);
        }
    }

    private void AddBits(Column column, Column others, long firstRow)
    {
        var (left, right) = (OrderedBits.Read(column), OrderedBits.Read(others));
        var canBeNaN = Column.Type.IsFloatingPoint();
        for (var row = 0; row < left.Length; row++)
        {
            if (column.IsNull(row) || others.IsNull(row) || (canBeNaN && (left[row] == ulong.MaxValue || right[row] == ulong.MaxValue))) continue;
            Judge(left[row].CompareTo(right[row]), firstRow + row);
        }
    }

    private void AddNumbers(ColumnView view, Column others)
    {
        if (_others.Length < others.Length) _others = new double[others.Length];
        ColumnNumbers.CopyTo(others, 0, _others.AsSpan(0, others.Length));
        var numbers = view.Numbers;
        // A day stands for its beginning.
        var (scale, otherScale) = (view.Column.Type == ElementType.Date ? 86_400.0 : 1, others.Type == ElementType.Date ? 86_400.0 : 1);
        for (var row = 0; row < numbers.Length; row++)
        {
            if (!double.IsNaN(numbers[row]) && !double.IsNaN(_others[row])) Judge((numbers[row] * scale).CompareTo(_others[row] * otherScale), view.FirstRow + row);
        }
    }

    private void Judge(int comparison, long row)
    {
        Judged++;
        var isRight = Constraint.Operator switch
        {
            ComparisonOperator.Equal => comparison == 0,
            ComparisonOperator.NotEqual => comparison != 0,
            ComparisonOperator.Less => comparison < 0,
            ComparisonOperator.LessOrEqual => comparison <= 0,
            ComparisonOperator.Greater => comparison > 0,
            _ => comparison >= 0,
        };
        if (!isRight) Violate(row);
    }
}
