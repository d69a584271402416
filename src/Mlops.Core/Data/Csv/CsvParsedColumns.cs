namespace Mlops.Data;

/// <summary>Columns of texts, days, moments, truth values and vectors.</summary>
internal sealed class CsvParsedColumns(ColumnSchema[] schemas, int[] ordinals, int capacity, NullTexts nulls, TextBudget budget) : CsvColumns
{
    private readonly ColumnAppender[] _appenders = [.. schemas.Select(column => ColumnAppender.Create(column, capacity, budget))];

    public override int Count => schemas.Length;

    public override RowProblem? Append(CsvInput input, int row, bool mayHoldCommas)
    {
        for (var i = 0; i < _appenders.Length; i++)
        {
            var field = input.Reader.GetSpan(ordinals[i]);
            if (nulls.Contains(field))
            {
                if (!schemas[i].IsNullable) return RowProblem.Missing(schemas[i]);
                _appenders[i].AppendNull();
            }
            else if (!_appenders[i].TryAppendText(field))
            {
                return _appenders[i].Explain(field, NullHint);
            }
        }

        return null;
    }

    public override void Truncate(int rows)
    {
        foreach (var appender in _appenders) appender.Truncate(rows);
    }

    public override void Build(int rows, Span<Column> columns)
    {
        for (var i = 0; i < _appenders.Length; i++) columns[i] = _appenders[i].Build(rows);
    }
}
