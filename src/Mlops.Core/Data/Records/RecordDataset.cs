namespace Mlops.Data;

/// <summary>Records of the application as a dataset.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>Every read goes through the records anew; where that is not possible or costly, read them once with <c>Cache</c> or <c>ToMemoryAsync</c>.</remarks>
public sealed class RecordDataset<T> : RowDataset
{
    private readonly IAsyncEnumerable<T> _records;
    private readonly Dictionary<string, RecordColumn<T>> _columns;

    private RecordDataset(string name, DataSchema schema, IAsyncEnumerable<T> records, RecordMap<T> map, BadRowHandling badRowHandling)
        : base(name, schema, badRowHandling, FindWarnings(map))
    {
        _records = records;
        _columns = map.Columns.ToDictionary(column => column.Schema.Name, StringComparer.Ordinal);
    }

    internal static RecordDataset<T> Create(string name, IAsyncEnumerable<T> records, RecordMap<T> map, DataSchema? schema, BadRowHandling badRowHandling)
    {
        ArgumentNullException.ThrowIfNull(records);
        var mapped = new DataSchema(map.Columns.Select(column => column.Schema));
        foreach (var column in schema ?? mapped) mapped.IndexOf(column.Name);
        return new RecordDataset<T>(name, schema ?? mapped, records, map, badRowHandling);
    }

    private protected override ValueTask<RowReader> OpenAsync(DataSchema schema, int batchRows, CancellationToken cancellationToken)
        => new(new RecordRowReader<T>(Name, _records.GetAsyncEnumerator(cancellationToken), [.. schema.Select(column => _columns[column.Name])], schema, batchRows));

    private static string[] FindWarnings(RecordMap<T> map)
        => [.. map.Columns.Where(column => column.IsDecimal).Select(column => Warning.Decimal(column.Schema.Name))];
}
