namespace Mlops.Data;

/// <summary>A JSON Lines file: one object in each line, in UTF-8, perhaps compressed by gzip.</summary>
/// <remarks>
/// Properties of nested objects are columns named by their path, as <c>user.age</c>; arrays of numbers are vectors, and other arrays their JSON text. A property
/// that is absent or <c>null</c> is a missing value; those that the schema does not name are left out. Strings are read as dates, timestamps and, where the schema
/// says so, as numbers, in the forms of <see cref="CsvDataset"/>. Empty lines are passed over.
/// </remarks>
public sealed class JsonLinesDataset : RowDataset
{
    private readonly SourceOpener _source;
    private readonly JsonLinesOptions _options;

    /// <summary>Creates a dataset of a given schema; nothing is read yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">The columns to read.</param>
    /// <param name="options">How the file is read; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a column has a type that no value has.</exception>
    public JsonLinesDataset(string path, DataSchema schema, JsonLinesOptions? options = null)
        : this(SourceOpener.OfFile(path), schema, options ?? new JsonLinesOptions())
    {
    }

    /// <summary>Creates a dataset of a given schema over streams; nothing is read yet.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="open">Opens the content from its beginning; called for every read, which closes the stream.</param>
    /// <param name="schema">The columns to read.</param>
    /// <param name="options">How the content is read; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a column has a type that no value has.</exception>
    public JsonLinesDataset(string name, Func<CancellationToken, ValueTask<Stream>> open, DataSchema schema, JsonLinesOptions? options = null)
        : this(SourceOpener.OfStream(name, open), schema, options ?? new JsonLinesOptions())
    {
    }

    private JsonLinesDataset(SourceOpener source, DataSchema schema, JsonLinesOptions options)
        : base(source.Name, schema, options.BadRowHandling)
    {
        options.Check();
        _source = source;
        _options = options;
    }

    /// <summary>Opens a file and infers its schema from its first rows: the columns are all properties that occur there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How the file is read; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every column is a nullable feature.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="EntityNotFoundException">There is no such file.</exception>
    /// <exception cref="StorageException">The file may not be read, or is a folder.</exception>
    /// <exception cref="DataFormatException">The file has no object, or a line among the first is none and bad rows are refused.</exception>
    public static Task<JsonLinesDataset> OpenAsync(string path, JsonLinesOptions? options = null, CancellationToken cancellationToken = default)
        => OpenAsync(SourceOpener.OfFile(path), options ?? new JsonLinesOptions(), cancellationToken);

    /// <summary>Opens a stream and infers its schema from its first rows, as for a file.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="open">Opens the content from its beginning; called for every read, which closes the stream.</param>
    /// <param name="options">How the content is read; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every column is a nullable feature.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DataFormatException">The content has no object, or a line among the first is none and bad rows are refused.</exception>
    public static Task<JsonLinesDataset> OpenStreamAsync(string name, Func<CancellationToken, ValueTask<Stream>> open, JsonLinesOptions? options = null, CancellationToken cancellationToken = default)
        => OpenAsync(SourceOpener.OfStream(name, open), options ?? new JsonLinesOptions(), cancellationToken);

    /// <summary>Opens all files of a pattern as one dataset of a given schema.</summary>
    /// <param name="pattern">The files: <c>data/2024-*.jsonl</c>, or with folders below, <c>data/**/*.jsonl.gz</c>.</param>
    /// <param name="schema">The columns to read from each file.</param>
    /// <param name="options">How the files are read; the defaults when <see langword="null"/>.</param>
    /// <param name="parallelism">How many files are read at the same time; rows keep their order.</param>
    /// <returns>The dataset, in the ordinal order of the paths.</returns>
    /// <exception cref="EntityNotFoundException">No file fits the pattern.</exception>
    public static PartitionedDataset OpenAll(string pattern, DataSchema schema, JsonLinesOptions? options = null, int parallelism = 1)
        => new(pattern, schema, FileGlob.Find(pattern).Select(file => new JsonLinesDataset(file, schema, options)), parallelism);

    /// <summary>Opens all files of a pattern as one dataset, in the ordinal order of their paths, and infers the schema that reads them all.</summary>
    /// <param name="pattern">The files: <c>data/2024-*.jsonl</c>, or with folders below, <c>data/**/*.jsonl.gz</c>.</param>
    /// <param name="options">How the files are read; the defaults when <see langword="null"/>.</param>
    /// <param name="parallelism">How many files are read at the same time; rows keep their order.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; its columns are all properties that occur in the first rows of each file.</returns>
    /// <exception cref="EntityNotFoundException">No file fits the pattern.</exception>
    /// <exception cref="DataFormatException">A file has no object, or a line among its first is none and bad rows are refused.</exception>
    public static async Task<PartitionedDataset> OpenAllAsync(string pattern, JsonLinesOptions? options = null, int parallelism = 1, CancellationToken cancellationToken = default)
    {
        options ??= new JsonLinesOptions();
        options.Check();
        var files = FileGlob.Find(pattern);
        var inference = new JsonLinesInference(options.BadRowHandling);
        foreach (var file in files) await InferAsync(SourceOpener.OfFile(file), inference, options, cancellationToken).ConfigureAwait(false);
        var schema = inference.ToSchema();
        return new PartitionedDataset(pattern, schema, files.Select(file => new JsonLinesDataset(file, schema, options)), parallelism);
    }

    private protected override async ValueTask<RowReader> OpenAsync(DataSchema schema, int batchRows, CancellationToken cancellationToken)
        => new JsonLinesRowReader(_source.Place, await OpenLinesAsync(_source, _options, cancellationToken).ConfigureAwait(false), schema, batchRows);

    private static async Task<JsonLinesDataset> OpenAsync(SourceOpener source, JsonLinesOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        var inference = new JsonLinesInference(options.BadRowHandling);
        await InferAsync(source, inference, options, cancellationToken).ConfigureAwait(false);
        return new JsonLinesDataset(source, inference.ToSchema(), options);
    }

    private static async Task InferAsync(SourceOpener source, JsonLinesInference inference, JsonLinesOptions options, CancellationToken cancellationToken)
    {
        var lines = await OpenLinesAsync(source, options, cancellationToken).ConfigureAwait(false);
        await using (lines.ConfigureAwait(false))
        {
            var rows = 0;
            while (rows < options.InferenceRows && await lines.MoveNextAsync(cancellationToken).ConfigureAwait(false))
            {
                if (inference.TryAdd(lines.Line.Span)) rows++;
                else if (options.BadRowHandling == BadRowHandling.Refuse && !lines.Line.Span.TrimStart(" \t\r"u8).IsEmpty)
                    throw new DataFormatException(source.Place, lines.Number, null, $"The line is {TypeText.Quote(lines.Line.Span)}, not a JSON object. Write one object for each line.");
            }

            if (rows == 0) throw new DataFormatException(source.Place, 1, null, "The file has no JSON object; its columns cannot be known.");
        }
    }

    private static async ValueTask<LineReader> OpenLinesAsync(SourceOpener source, JsonLinesOptions options, CancellationToken cancellationToken)
        => new(source.Place, await source.OpenAsync(cancellationToken).ConfigureAwait(false), options.MaximumLineBytes);
}
