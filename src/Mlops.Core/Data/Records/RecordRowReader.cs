namespace Mlops.Data;

/// <summary>Reads rows from records.</summary>
internal sealed class RecordRowReader<T>(string source, IAsyncEnumerator<T> records, RecordColumn<T>[] getters, DataSchema schema, int batchRows)
    : AppendingRowReader(source, schema, batchRows)
{
    private long _number;

    public override long Line => _number;

    public override ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested(); // A plain sequence does not look.
        _number++;
        return records.MoveNextAsync();
    }

    public override RowProblem? Append(int row)
    {
        var record = records.Current;
        if (record is null) return new RowProblem(null, "The record is null. Leave it out.");
        for (var i = 0; i < Columns.Length; i++)
        {
            if (getters[i].Append(record, Columns[i]) is { } problem) return problem;
        }

        return null;
    }

    public override string GetText() => records.Current is { } record ? ClrValue.ToText(getters.Select(getter => (getter.Schema.Name, getter.GetValue(record)))) : "null";

    public override async ValueTask DisposeAsync()
    {
        await records.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
