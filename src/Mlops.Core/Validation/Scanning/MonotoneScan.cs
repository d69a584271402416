using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for values that break an order.</summary>
internal abstract class MonotoneScan(MonotoneConstraint constraint, ColumnSchema column, int rowsShown) : ConstraintScan<MonotoneConstraint>(constraint, column, rowsShown)
{
    /// <summary>Begins the scan of a column.</summary>
    public static MonotoneScan Create(MonotoneConstraint constraint, ColumnSchema column, int rowsShown) => column.Type switch
    {
        ElementType.String => new Texts(constraint, column, rowsShown),
        ElementType.Float64 => new Values<double>(constraint, column, rowsShown),
        ElementType.Float32 => new Values<float>(constraint, column, rowsShown),
        ElementType.Float16 => new Values<Half>(constraint, column, rowsShown),
        ElementType.Int64 => new Values<long>(constraint, column, rowsShown),
        ElementType.Int32 => new Values<int>(constraint, column, rowsShown),
        ElementType.Int16 => new Values<short>(constraint, column, rowsShown),
        ElementType.Int8 => new Values<sbyte>(constraint, column, rowsShown),
        ElementType.UInt64 => new Values<ulong>(constraint, column, rowsShown),
        ElementType.UInt32 => new Values<uint>(constraint, column, rowsShown),
        ElementType.UInt16 => new Values<ushort>(constraint, column, rowsShown),
        ElementType.UInt8 => new Values<byte>(constraint, column, rowsShown),
        ElementType.Date => new Values<DateOnly>(constraint, column, rowsShown),
        _ => new Values<DateTime>(constraint, column, rowsShown),
    };

    public override ValidationFinding? Finish() => IsWithin(Constraint.MinimumRatio) ? null
        : Found(AnomalyKind.NotMonotone, $"{Share("values")} are not {ConstraintText.Of(Constraint.Order)}: they do not follow the one before{Expected(Constraint.MinimumRatio)}.");

    /// <summary>Judges a value by how it compares with the one before it.</summary>
    protected void Judge(int comparison, long row)
    {
        var isRight = Constraint.Order switch
        {
            MonotoneOrder.Increasing => comparison >= 0,
            MonotoneOrder.StrictlyIncreasing => comparison > 0,
            MonotoneOrder.Decreasing => comparison <= 0,
            _ => comparison < 0,
        };
        if (!isRight) Violate(row);
    }

    private sealed class Values<T>(MonotoneConstraint constraint, ColumnSchema column, int rowsShown) : MonotoneScan(constraint, column, rowsShown)
        where T : unmanaged, IComparable<T>, IEquatable<T>
    {
        private T _last;
        private bool _hasLast;

        public override void Add(ColumnView view)
        {
            var column = (Column<T>)view.Column;
            var values = column.Values;
            for (var row = 0; row < values.Length; row++)
            {
                if (column.IsNull(row) || IsNaN(values[row])) continue;
                Judged++;
                if (_hasLast) Judge(values[row].CompareTo(_last), view.FirstRow + row);
                (_last, _hasLast) = (values[row], true);
            }
        }

        private static bool IsNaN(T value) => (value is double number && double.IsNaN(number)) || (value is float single && float.IsNaN(single)) || (value is Half half && Half.IsNaN(half));
    }

    private sealed class Texts(MonotoneConstraint constraint, ColumnSchema column, int rowsShown) : MonotoneScan(constraint, column, rowsShown)
    {
        private byte[]? _last;

        public override void Add(ColumnView view)
        {
            var texts = (TextColumn)view.Column;
            var before = -1;
            for (var row = 0; row < texts.Length; row++)
            {
                if (texts.IsNull(row)) continue;
                Judged++;
                if (before >= 0) Judge(texts.GetUtf8(row).SequenceCompareTo(texts.GetUtf8(before)), view.FirstRow + row);
                else if (_last is not null) Judge(texts.GetUtf8(row).SequenceCompareTo(_last), view.FirstRow + row);
                before = row;
            }

            if (before >= 0) _last = texts.GetUtf8(before).ToArray();
        }
    }
}
