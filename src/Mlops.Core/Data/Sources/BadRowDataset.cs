using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>The rows of a dataset that do not fit its schema.</summary>
internal sealed class BadRowDataset(RowDataset dataset) : IDataset
{
    private const int TextCharactersPerBatch = 16 << 20;

    internal static readonly DataSchema RowSchema = new(
        new ColumnSchema("source", ElementType.String) { IsNullable = false },
        new ColumnSchema("line", ElementType.Int64) { IsNullable = false },
        new ColumnSchema("column", ElementType.String),
        new ColumnSchema("reason", ElementType.String) { IsNullable = false },
        new ColumnSchema("row", ElementType.String) { IsNullable = false });

    public string Name { get; } = $"{dataset.Name}, bad rows";

    public DataSchema Schema => RowSchema;

    public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        options.Check();
        if (options.Columns is not null) RowSchema.Select(options.Columns);
        var rows = new List<BadRow>();
        var characters = 0L;
        await foreach (var row in dataset.ReadBadRowsAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(row);
            characters += row.Text.Length;
            if (rows.Count < options.BatchRows && characters < TextCharactersPerBatch) continue;
            yield return Build(rows, options);
            rows.Clear();
            characters = 0;
        }

        if (rows.Count > 0) yield return Build(rows, options);
    }

    private static DataBatch Build(List<BadRow> rows, ReadOptions options)
    {
        var batch = new DataBatch(
            RowSchema,
            Texts(row => row.Source),
            new Column<long>(rows.Select(row => row.Line).ToArray()),
            Texts(row => row.Column),
            Texts(row => row.Reason),
            Texts(row => row.Text));
        return options.Columns is null ? batch : batch.Select(options.Columns);

        TextColumn Texts(Func<BadRow, string?> select) => TextColumn.FromStrings(rows.Select(select).ToArray());
    }
}
