namespace Mlops.Data;

/// <summary>A row reader with one appender for each column.</summary>
internal abstract class AppendingRowReader : RowReader
{
    private readonly DataSchema _schema;
    private readonly TextBudget _budget = new();

    protected AppendingRowReader(string source, DataSchema schema, int capacity)
        : base(source)
    {
        _schema = schema;
        Columns = [.. schema.Select(column => ColumnAppender.Create(column, capacity, _budget))];
    }

    public override long TextBytes => _budget.Bytes;

    protected ColumnAppender[] Columns { get; }

    public override void Truncate(int rows)
    {
        foreach (var column in Columns) column.Truncate(rows);
    }

    public override DataBatch Build(int rows)
    {
        _budget.Bytes = 0;
        return new DataBatch(_schema, Columns.Select(column => column.Build(rows)));
    }

    protected static RowProblem? AppendMissing(ColumnAppender column)
    {
        if (!column.Schema.IsNullable) return RowProblem.Missing(column.Schema);
        column.AppendNull();
        return null;
    }
}
