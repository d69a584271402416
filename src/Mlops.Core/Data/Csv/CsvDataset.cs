using System.Runtime.CompilerServices;
using CsvHelper;

namespace Mlops.Data;

/// <summary>A CSV file with a header line (RFC 4180: quotes, line breaks in quotes, byte order mark).</summary>
/// <remarks>Numbers and dates are read in the invariant culture; dates as <c>2001-01-22</c>, timestamps in ISO 8601, UTC unless they say otherwise.</remarks>
public sealed class CsvDataset : IDataset
{
    private readonly string _path;
    private readonly CsvOptions _options;

    /// <summary>Creates a dataset of a given schema; nothing is read yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">The columns to read, found by the header; other columns of the file are left out.</param>
    /// <param name="options">How the file is written.</param>
    public CsvDataset(string path, DataSchema schema, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(schema);
        _path = path;
        _options = options ?? new CsvOptions();
        Schema = schema;
        Name = Path.GetFileName(path);
        foreach (var column in schema)
        {
            if (column.Width != 1)
                throw new ArgumentException($"Column '{column.Name}' is {column.Width} wide; a CSV field holds one element.", nameof(schema));
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public DataSchema Schema { get; }

    /// <summary>Opens a file and infers its schema from its first rows: whole numbers, numbers, booleans, dates, timestamps, else text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How the file is written.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every column is a nullable feature.</returns>
    /// <exception cref="EntityNotFoundException">There is no such file.</exception>
    /// <exception cref="DataFormatException">The file is empty, or a row has another number of fields than the header.</exception>
    public static async Task<CsvDataset> OpenAsync(string path, CsvOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new CsvOptions();
        using var reader = await OpenReaderAsync(path, options, cancellationToken).ConfigureAwait(false);
        var headers = reader.Headers;
        var inferences = new CsvTypeInference[headers.Count];
        var nulls = new CsvNullTexts(options.NullTexts);
        for (var row = 0; row < options.InferenceRows && await ReadRowAsync(reader, path, cancellationToken).ConfigureAwait(false); row++)
        {
            for (var i = 0; i < inferences.Length; i++)
            {
                if (!nulls.Contains(reader.GetSpan(i))) inferences[i].Add(reader, i);
            }
        }

        return new CsvDataset(path, new DataSchema(headers.Select((name, i) => new ColumnSchema(name, inferences[i].Type))), options);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        options ??= new ReadOptions();
        var schema = options.Columns is null ? Schema : Schema.Select(options.Columns);
        using var reader = await OpenReaderAsync(_path, _options, cancellationToken).ConfigureAwait(false);
        var nulls = new CsvNullTexts(_options.NullTexts);
        var ordinals = FindOrdinals(schema, reader.Headers);
        var columns = schema.Select(column => CsvColumn.Create(column, options.BatchRows)).ToArray();
        var rows = 0;
        while (true)
        {
            bool isRow;
            DataFormatException? refused = null;
            try
            {
                isRow = await ReadRowAsync(reader, _path, cancellationToken).ConfigureAwait(false);
                if (isRow) Append(reader, columns, ordinals, nulls);
            }
            catch (DataFormatException error)
            {
                // The whole rows before the offending one are delivered first: nothing good is lost.
                (isRow, refused) = (false, error);
            }

            if (isRow) rows++;
            if (rows > 0 && (rows == options.BatchRows || !isRow))
            {
                yield return Build(schema, columns, rows);
                rows = 0;
            }

            if (refused is not null) throw refused;
            if (!isRow) yield break;
        }
    }

    private void Append(CsvReader reader, CsvColumn[] columns, int[] ordinals, CsvNullTexts nulls)
    {
        for (var i = 0; i < columns.Length; i++)
        {
            var ordinal = ordinals[i];
            var field = reader.GetSpan(ordinal);
            if (nulls.Contains(field))
            {
                if (!columns[i].Schema.IsNullable)
                    throw new DataFormatException(_path, reader.LineNumber, columns[i].Schema.Name, "The value is missing, but the column must have one. Give it a value, or make the column nullable.");
                columns[i].AppendNull();
            }
            else if (!columns[i].TryAppend(reader, ordinal))
            {
                throw new DataFormatException(_path, reader.LineNumber, columns[i].Schema.Name, $"{CsvText.Quote(field)} is not a value of type {columns[i].Schema.Type}. Correct it, or name it in CsvOptions.NullTexts if it means a missing value.");
            }
        }
    }

    private static DataBatch Build(DataSchema schema, CsvColumn[] columns, int rows)
    {
        var built = new Column[columns.Length];
        for (var i = 0; i < columns.Length; i++) built[i] = columns[i].Build(rows);
        return new DataBatch(schema, built);
    }

    private int[] FindOrdinals(DataSchema schema, IReadOnlyList<string> headers)
    {
        var ordinals = new int[schema.Count];
        for (var i = 0; i < ordinals.Length; i++)
        {
            ordinals[i] = IndexOf(headers, schema[i].Name);
            if (ordinals[i] < 0)
                throw new EntityNotFoundException("column", schema[i].Name, $"{_path} has no column '{schema[i].Name}'. Its columns are: {string.Join(", ", headers.Take(60))}.");
        }

        return ordinals;
    }

    private static int IndexOf(IReadOnlyList<string> headers, string name)
    {
        for (var i = 0; i < headers.Count; i++)
        {
            if (headers[i] == name) return i;
        }

        return -1;
    }

    private static async ValueTask<bool> ReadRowAsync(CsvReader reader, string path, CancellationToken cancellationToken)
    {
        try
        {
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) return false;
        }
        catch (CsvFormatException error)
        {
            throw new DataFormatException(path, LineOf(reader), null, "The row is not well-formed CSV; look for an unbalanced quote.", error);
        }

        if (reader.FieldCount != reader.Headers.Count)
            throw new DataFormatException(path, reader.LineNumber, null, $"The row has {reader.FieldCount} fields, but the header has {reader.Headers.Count}. Correct the row; a field that contains the separator needs quotes.");
        return true;
    }

    private static long LineOf(CsvReader reader)
    {
        try
        {
            return reader.LineNumber;
        }
        catch (InvalidOperationException)
        {
            return 0;
        }
    }

    private static async Task<CsvReader> OpenReaderAsync(string path, CsvOptions options, CancellationToken cancellationToken)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EntityNotFoundException("file", path, $"There is no file {path}. Check the path; it is taken relative to the working directory.", error);
        }

        var reader = CsvReader.Create(stream, new CsvReaderOptions
        {
            Separator = options.Separator,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
            IncludeValuesInExceptions = false,
            BufferSize = 1 << 18,
        });
        try
        {
            await reader.ReadHeaderAsync(cancellationToken).ConfigureAwait(false);
            if (reader.Headers.Count == 0)
                throw new DataFormatException(path, 1, null, "The file is empty; the first line must name the columns.");
            var twice = reader.Headers.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1);
            if (twice is not null)
                throw new DataFormatException(path, 1, twice.Key, "Two columns have this name; give each a name of its own.");
            return reader;
        }
        catch (Exception error)
        {
            reader.Dispose();
            if (error is CsvFormatException) throw new DataFormatException(path, 1, null, "The header is not well-formed CSV; look for an unbalanced quote.", error);
            throw;
        }
    }
}
