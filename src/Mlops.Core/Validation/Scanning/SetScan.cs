using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for values that are not of a set.</summary>
internal sealed class SetScan(SetConstraint constraint, ValueSet values, ColumnSchema column, int rowsShown) : TextScan<SetConstraint>(constraint, column, rowsShown)
{
    public override void Add(ColumnView view)
    {
        switch (view.Column)
        {
            case TextColumn: base.Add(view); break;
            case Column<bool> flags: AddFlags(flags, view.FirstRow); break;
            default: AddNumbers(view.Column, view.FirstRow); break;
        }
    }

    public override ValidationFinding? Finish() => IsWithin(Constraint.MinimumRatio) ? null
        : Found(AnomalyKind.NotInSet, $"{Share("values")} are not among the {Constraint.Values.Count} that are known{Expected(Constraint.MinimumRatio)}.");

    protected override bool IsRight(ReadOnlySpan<byte> utf8) => values.Contains(utf8);

    private void AddFlags(Column<bool> flags, long firstRow)
    {
        Judged += flags.Length - flags.NullCount;
        var (isTrueRight, isFalseRight) = (values.Contains("true"u8), values.Contains("false"u8));
        if (isTrueRight && isFalseRight) return;
        for (var row = 0; row < flags.Length; row++)
        {
            if (!(flags.Values[row] ? isTrueRight : isFalseRight) && !flags.IsNull(row)) Violate(firstRow + row);
        }
    }

    private void AddNumbers(Column column, long firstRow)
    {
        Judged += column.Length - column.NullCount;
        var numbers = values.GetNumbers(column.Type);
        var bits = OrderedBits.Read(column);
        for (var row = 0; row < bits.Length; row++)
        {
            if (!numbers.Contains(bits[row]) && !column.IsNull(row)) Violate(firstRow + row);
        }
    }
}
