using System.Text;

namespace Mlops.Data;

/// <summary>Reads the rows of a CSV source.</summary>
internal sealed class CsvRowReader : RowReader
{
    private readonly CsvInput _input;
    private readonly DataSchema _schema;
    private readonly CsvColumns[] _columns;
    private readonly TextBudget _budget = new();

    public CsvRowReader(string source, CsvInput input, DataSchema schema, int[] ordinals, int batchRows, NullTexts nulls)
        : base(source)
    {
        _input = input;
        _schema = schema;
        _columns = CsvColumns.Create(schema, ordinals, batchRows, nulls, _budget, input.HasDecimalComma);
    }

    public override long Line => _input.Line;

    public override long TextBytes => _budget.Bytes;

    public override ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken) => _input.MoveNextAsync(cancellationToken);

    public override RowProblem? Append(int row)
    {
        if (_input.FindProblem() is { } malformed) return malformed;
        var mayHoldCommas = _input.MayHoldCommas;
        foreach (var columns in _columns)
        {
            if (columns.Append(_input, row, mayHoldCommas) is { } problem) return problem;
        }

        return null;
    }

    public override void Truncate(int rows)
    {
        foreach (var columns in _columns) columns.Truncate(rows);
    }

    public override DataBatch Build(int rows)
    {
        _budget.Bytes = 0;
        var built = new Column[_schema.Count];
        var start = 0;
        foreach (var columns in _columns)
        {
            columns.Build(rows, built.AsSpan(start, columns.Count));
            start += columns.Count;
        }

        return new DataBatch(_schema, built);
    }

    public override string GetText() => Encoding.UTF8.GetString(_input.Reader.RawRecord);

    public override ValueTask DisposeAsync()
    {
        _input.Dispose();
        return base.DisposeAsync();
    }
}
