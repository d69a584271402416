using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for cards and telephone numbers in a column of numbers.</summary>
internal sealed class PiiNumberScan(string column, PiiRules rules) : PiiColumnScan(column)
{
    private readonly bool _isPhoneColumn = PiiCues.IsPhoneColumn(column);
    private readonly bool _isCardColumn = PiiCues.IsCardColumn(column);

    public override void Add(Column values, long firstRow)
    {
        Judged += values.Length - values.NullCount;
        Span<byte> digits = stackalloc byte[32];
        for (var row = 0; row < values.Length; row++)
        {
            if (!PiiNumber.TryRead(values, row, out var number)) continue;
            if (PiiNumber.Judge(number, rules, _isPhoneColumn, digits, out _, out var isMiss) is { } kind)
                Count(kind, firstRow + row, 1, kind == PiiKind.Card ? 0.95 : _isPhoneColumn ? 0.9 : 0.5);
            else if (isMiss)
                CountMisses(PiiKind.Card, 1);
        }
    }

    protected override double GetMinimumRatio(PiiKind kind)
        => (kind == PiiKind.Card && _isCardColumn) || (kind == PiiKind.Phone && _isPhoneColumn) ? rules.MinimumRatio : rules.MinimumNumberRatio;
}
