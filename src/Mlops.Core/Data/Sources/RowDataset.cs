using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>A dataset that is read row by row from a source outside: a file, records, a database.</summary>
/// <remarks>
/// Rows that do not fit the schema are refused or quarantined (<see cref="BadRowHandling"/>); where they are refused, a value is looked at only when its column is read. Every read opens the source anew.
/// Batches have fewer rows than asked for when there are very many columns, or long texts, so that a batch stays within some tens of megabytes.
/// </remarks>
public abstract class RowDataset : IDataset
{
    private const int CellsPerBatch = 1 << 20;
    private const int SmallestBatchRows = 64;
    private const long TextBytesPerBatch = 64L << 20;

    private protected RowDataset(string name, DataSchema schema, BadRowHandling badRowHandling, IReadOnlyList<string>? warnings = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(schema);
        // Says at once which column has a type that no source has.
        foreach (var column in schema) ColumnAppender.Create(column, 0, new TextBudget());
        Name = name;
        Schema = schema;
        BadRowHandling = badRowHandling;
        Warnings = warnings ?? [];
        BadRows = new BadRowDataset(this);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DataSchema Schema { get; }

    /// <summary>Gets what is done with rows that do not fit the schema.</summary>
    public BadRowHandling BadRowHandling { get; }

    /// <summary>Gets what a user should know about how the source is read: a decimal column read as floating point, for instance.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>
    /// Gets the rows that do not fit the schema. Its columns: <c>source</c>, <c>line</c> (the line or row on which it starts, from 1), <c>column</c>
    /// (missing when the row as a whole is meant), <c>reason</c>, and <c>row</c>, the whole row as it was written. Together with the rows that fit, these are all rows of the source.
    /// </summary>
    /// <remarks>It is read from the source like the dataset itself. The column <c>row</c> holds values of the data: keep it as carefully as these.</remarks>
    public IDataset BadRows { get; }

    /// <inheritdoc/>
    public IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        options.Check();
        if (options.Columns is null) return ReadRowsAsync(Schema, LimitBatchRows(Schema, options.BatchRows), cancellationToken);
        var schema = Schema.Select(options.Columns);
        // Which rows are left out must not depend on the columns that are asked for, so all are looked at.
        return BadRowHandling == BadRowHandling.Refuse
            ? ReadRowsAsync(schema, LimitBatchRows(schema, options.BatchRows), cancellationToken)
            : ReadRowsAsync(Schema, LimitBatchRows(Schema, options.BatchRows), cancellationToken).Select(batch => batch.Select(options.Columns));
    }

    /// <summary>Opens the source.</summary>
    /// <param name="schema">The columns to read, of the dataset's schema.</param>
    /// <param name="batchRows">How many rows are read at most before the columns are built.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    private protected abstract ValueTask<RowReader> OpenAsync(DataSchema schema, int batchRows, CancellationToken cancellationToken);

    private protected virtual async IAsyncEnumerable<DataBatch> ReadRowsAsync(DataSchema schema, int batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = await OpenAsync(schema, batchRows, cancellationToken).ConfigureAwait(false);
        await foreach (var batch in ReadRowsAsync(reader, batchRows, cancellationToken).ConfigureAwait(false)) yield return batch;
    }

    /// <summary>Reads the rows of a reader, which is disposed at the end.</summary>
    private protected async IAsyncEnumerable<DataBatch> ReadRowsAsync(RowReader reader, int batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using (reader.ConfigureAwait(false))
        {
            while (true)
            {
                var (rows, isEnd, error) = await FillAsync(reader, batchRows, cancellationToken).ConfigureAwait(false);
                // The whole rows before the offending one are delivered first: nothing good is lost.
                if (rows > 0) yield return reader.Build(rows);
                if (error is not null) throw error;
                if (isEnd) yield break;
            }
        }
    }

    /// <summary>Reads rows into the columns of a reader until they are enough for a batch.</summary>
    private async ValueTask<(int Rows, bool IsEnd, DataFormatException? Error)> FillAsync(RowReader reader, int limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = 0;
        try
        {
            while (rows < limit && reader.TextBytes < TextBytesPerBatch)
            {
                if (!await reader.MoveNextAsync(cancellationToken).ConfigureAwait(false)) return (rows, true, null);
                if (reader.Append(rows) is not { } problem)
                {
                    rows++;
                    continue;
                }

                reader.Truncate(rows);
                if (BadRowHandling == BadRowHandling.Refuse)
                    return (rows, true, new DataFormatException(reader.Source, reader.Line, problem.Column, problem.Reason));
            }

            return (rows, false, null);
        }
        catch (DataFormatException error)
        {
            return (rows, true, error);
        }
    }

    internal async IAsyncEnumerable<BadRow> ReadBadRowsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = await OpenAsync(Schema, SmallestBatchRows, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            while (await reader.MoveNextAsync(cancellationToken).ConfigureAwait(false))
            {
                if (reader.Append(0) is { } problem) yield return new BadRow(reader.Source, reader.Line, problem.Column, problem.Reason, reader.GetText());
                reader.Truncate(0);
            }
        }
    }

    private static int LimitBatchRows(DataSchema schema, int rows)
    {
        var width = schema.Sum(column => (long)column.Width);
        return (int)Math.Min(rows, Math.Max(SmallestBatchRows, CellsPerBatch / Math.Max(1, width)));
    }
}
