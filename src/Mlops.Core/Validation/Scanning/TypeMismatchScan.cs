using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks at a column of another type than the schema's: how many of its texts are no numbers, and whether it has values at all.</summary>
internal sealed class TypeMismatchScan(ColumnRules rules, ColumnSchema actual, int rowsShown) : ColumnScan(actual, rowsShown)
{
    private readonly ColumnSchema _expected = rules.Column;
    private long _rows;
    private long _grouped;

    private bool IsNumberText => Column.Type == ElementType.String && _expected is { Width: 1, Type: not ElementType.Boolean } && _expected.Type.IsNumeric();

    public override void Add(ColumnView view)
    {
        _rows += view.Column.Length;
        Judged += view.Column.Length - view.Column.NullCount;
        if (!IsNumberText) return;
        var texts = (TextColumn)view.Column;
        for (var row = 0; row < texts.Length; row++)
        {
            if (texts.IsNull(row) || FieldText.TryParseNumber<double>(texts.GetUtf8(row), out _)) continue;
            if (HasThousandsSeparators(texts.GetUtf8(row))) _grouped++;
            Violate(view.FirstRow + row);
        }
    }

    public override ValidationFinding? Finish()
    {
        // A column without any value is of no type (files give it that of text); whether values may be missing is for another constraint to say.
        if (Judged == 0 && (_rows > 0 || Column.Type == ElementType.String)) return null;
        var message = $"The column is {Describe(Column)}; {Describe(_expected)} expected.";
        if (Column.Type == _expected.Type && Column.Width != _expected.Width)
            return Found(Column.Width < _expected.Width ? AnomalyKind.TooFewValues : AnomalyKind.TooManyValues, rules.Severity, message) with { ActualColumn = Column };
        if (!IsNumberText) return Found(AnomalyKind.TypeChanged, rules.Severity, message) with { ActualColumn = Column };
        if (Violations == 0)
            return Found(AnomalyKind.TypeChanged, rules.Severity, $"{message} Every text is a number: cast the column.") with { ActualColumn = Column };
        var remedy = _grouped == 0 ? "" : FormattableString.Invariant($" {_grouped:N0} of them have separators of thousands; take these out where the file is written, or read the column with a converter.");
        return Found(AnomalyKind.NotANumber, rules.Severity, $"{message} {Share("texts")} are not numbers.{remedy}") with { ActualColumn = Column };
    }

    private static string Describe(ColumnSchema column) => column.Width == 1 ? column.Type.ToString() : FormattableString.Invariant($"{column.Type} × {column.Width}");

    /// <summary>Recognises 1,234,567.8, 1.234.567,8, 1'234 and 1 234.</summary>
    private static bool HasThousandsSeparators(ReadOnlySpan<byte> utf8)
    {
        Span<byte> digits = stackalloc byte[64];
        if (utf8.Length > digits.Length) return false;
        var (count, separators) = (0, 0);
        foreach (var unit in utf8)
        {
            if (unit is (byte)',' or (byte)'\'' or (byte)' ' or (byte)'.' or (byte)'_') separators++;
            else digits[count++] = unit;
        }

        return separators > 0 && FieldText.TryParseNumber<double>(digits[..count], out _);
    }
}
