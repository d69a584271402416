using System.Buffers;
using System.Runtime.CompilerServices;

namespace Mlops.Data;

/// <summary>A CSV or TSV file (RFC 4180: quotes, line breaks in quotes, byte order mark), perhaps compressed by gzip.</summary>
/// <remarks>
/// Numbers and dates are read in the invariant culture, without thousands separators; dates as <c>2001-01-22</c>, timestamps in ISO 8601, UTC unless they say otherwise;
/// vectors as <c>[0.5, 1, 2]</c>. Empty lines are passed over.
/// </remarks>
/// <example><code>
/// var rides = await CsvDataset.OpenAsync("rides.csv.gz", new CsvOptions { BadRowHandling = BadRowHandling.Quarantine });
/// var profile = await DatasetProfile.CreateAsync(rides);
/// var refused = await rides.BadRows.ToMemoryAsync();
/// </code></example>
public sealed class CsvDataset : RowDataset
{
    private readonly SourceOpener _source;
    private readonly CsvOptions _options;
    private readonly NullTexts _nulls;

    /// <summary>Creates a dataset of a given schema; nothing is read yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">The columns to read, found by the header; other columns of the file are left out. Without a header they are all columns of the file, in order.</param>
    /// <param name="options">How the file is written; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a column has a type that no field has.</exception>
    public CsvDataset(string path, DataSchema schema, CsvOptions? options = null)
        : this(SourceOpener.OfFile(path), schema, options ?? new CsvOptions())
    {
    }

    /// <summary>Creates a dataset of a given schema over streams; nothing is read yet.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="open">Opens the content from its beginning; called for every read, which closes the stream.</param>
    /// <param name="schema">The columns to read, as for a file.</param>
    /// <param name="options">How the content is written; the defaults when <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a column has a type that no field has.</exception>
    public CsvDataset(string name, Func<CancellationToken, ValueTask<Stream>> open, DataSchema schema, CsvOptions? options = null)
        : this(SourceOpener.OfStream(name, open), schema, options ?? new CsvOptions())
    {
    }

    private CsvDataset(SourceOpener source, DataSchema schema, CsvOptions options)
        : base(source.Name, schema, options.BadRowHandling)
    {
        options.Check();
        _source = source;
        _options = options;
        _nulls = new NullTexts(options.NullTexts);
    }

    /// <summary>Opens a file and infers its schema from its first rows: whole numbers, numbers, booleans, dates, timestamps, vectors, else text.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How the file is written; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every column is a nullable feature.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="EntityNotFoundException">There is no such file.</exception>
    /// <exception cref="StorageException">The file may not be read, or is a folder.</exception>
    /// <exception cref="DataFormatException">The file is empty, its header is none, or a row among the first does not fit it and bad rows are refused.</exception>
    public static Task<CsvDataset> OpenAsync(string path, CsvOptions? options = null, CancellationToken cancellationToken = default)
        => OpenAsync(SourceOpener.OfFile(path), options ?? new CsvOptions(), cancellationToken);

    /// <summary>Opens a stream and infers its schema from its first rows, as for a file.</summary>
    /// <param name="name">The name of the dataset.</param>
    /// <param name="open">Opens the content from its beginning; called for every read, which closes the stream.</param>
    /// <param name="options">How the content is written; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every column is a nullable feature.</returns>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="DataFormatException">The content is empty, its header is none, or a row among the first does not fit it and bad rows are refused.</exception>
    public static Task<CsvDataset> OpenStreamAsync(string name, Func<CancellationToken, ValueTask<Stream>> open, CsvOptions? options = null, CancellationToken cancellationToken = default)
        => OpenAsync(SourceOpener.OfStream(name, open), options ?? new CsvOptions(), cancellationToken);

    /// <summary>Opens all files of a pattern as one dataset, in the ordinal order of their paths, and infers the schema that reads them all.</summary>
    /// <param name="pattern">The files: <c>data/2024-*.csv</c>, or with folders below, <c>data/**/*.csv.gz</c>.</param>
    /// <param name="options">How the files are written; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The dataset; every file must have the columns of the first.</returns>
    /// <exception cref="EntityNotFoundException">No file fits the pattern, or a file lacks a column.</exception>
    /// <exception cref="DataFormatException">A file is empty, its header is none, or a row among the first does not fit it and bad rows are refused.</exception>
    public static async Task<PartitionedDataset> OpenAllAsync(string pattern, CsvOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new CsvOptions();
        options.Check();
        var files = FileGlob.Find(pattern);
        InferredSchema? inferred = null;
        foreach (var file in files)
        {
            var schema = await InferAsync(SourceOpener.OfFile(file), options, cancellationToken).ConfigureAwait(false);
            if (inferred is null) inferred = schema;
            else inferred.Merge(schema, file);
        }

        return OpenAll(pattern, inferred!.ToSchema(), options, files);
    }

    /// <summary>Opens all files of a pattern as one dataset of a given schema.</summary>
    /// <param name="pattern">The files: <c>data/2024-*.csv</c>, or with folders below, <c>data/**/*.csv.gz</c>.</param>
    /// <param name="schema">The columns to read from each file.</param>
    /// <param name="options">How the files are written; the defaults when <see langword="null"/>.</param>
    /// <returns>The dataset, in the ordinal order of the paths.</returns>
    /// <exception cref="EntityNotFoundException">No file fits the pattern.</exception>
    public static PartitionedDataset OpenAll(string pattern, DataSchema schema, CsvOptions? options = null)
        => OpenAll(pattern, schema, options ?? new CsvOptions(), FileGlob.Find(pattern));

    private protected override async ValueTask<RowReader> OpenAsync(DataSchema schema, int batchRows, CancellationToken cancellationToken)
    {
        var input = await CsvInput.OpenAsync(_source.Place, await _source.OpenAsync(cancellationToken).ConfigureAwait(false), _options, cancellationToken).ConfigureAwait(false);
        try
        {
            return new CsvRowReader(_source.Place, input, schema, FindOrdinals(schema, input.Names), batchRows, _nulls);
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    private protected override IAsyncEnumerable<DataBatch> ReadRowsAsync(DataSchema schema, int batchRows, CancellationToken cancellationToken)
        => IsParallel ? OrderedParallel.ReadAsync(ReadBlocksAsync(schema, batchRows, cancellationToken), _options.Parallelism, cancellationToken) : base.ReadRowsAsync(schema, batchRows, cancellationToken);

    // A malformed row spoils the cut into blocks, so it can be refused in parallel, but not left out. Blocks are cut in bytes of UTF-8.
    private bool IsParallel => _options is { Parallelism: > 1, BadRowHandling: BadRowHandling.Refuse, Encoding: null or System.Text.UTF8Encoding };

    /// <summary>Cuts the source into blocks, and gives for each what parses it.</summary>
    private async IAsyncEnumerable<Func<CancellationToken, IAsyncEnumerable<DataBatch>>> ReadBlocksAsync(
        DataSchema schema, int batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var blocks = new CsvBlockReader(_source.Place, await _source.OpenAsync(cancellationToken).ConfigureAwait(false), _options.MaximumRowBytes);
        (IReadOnlyList<string> Names, char Separator, int[] Ordinals)? header = null;
        while (await blocks.ReadAsync(cancellationToken).ConfigureAwait(false) is { } block)
        {
            var rows = block;
            if (header is null && block.Bytes.Span is [0xFE, 0xFF, ..] or [0xFF, 0xFE, ..])
            {
                yield return token => base.ReadRowsAsync(schema, batchRows, token); // UTF-16, which is not cut.
                yield break;
            }

            if (header is null)
            {
                // The first block is parsed from its header on; it says how the others are to be read.
                var input = await CsvInput.OpenAsync(_source.Place, block.Bytes, _options, cancellationToken).ConfigureAwait(false);
                header = (input.Names, input.Reader.Separator, FindOrdinals(schema, input.Names));
                var first = new CsvRowReader(_source.Place, input, schema, header.Value.Ordinals, batchRows, _nulls);
                yield return token => ReadBlockAsync(rows, first, batchRows, token);
                continue;
            }

            var (names, separator, ordinals) = header.Value;
            yield return token => ReadBlockAsync(
                rows,
                new CsvRowReader(_source.Place, CsvInput.OpenRows(_source.Place, rows.Bytes, rows.LinesBefore, names, separator, _options), schema, ordinals, batchRows, _nulls),
                batchRows,
                token);
        }

        // An empty source has no header; that is told as by one thread.
        if (header is null) (await CsvInput.OpenAsync(_source.Place, ReadOnlyMemory<byte>.Empty, _options, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    private async IAsyncEnumerable<DataBatch> ReadBlockAsync(CsvBlock block, CsvRowReader reader, int batchRows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in ReadRowsAsync(reader, batchRows, cancellationToken).ConfigureAwait(false)) yield return batch;
        ArrayPool<byte>.Shared.Return(block.Memory); // Columns hold copies. After an error the collector takes it.
    }

    private static async Task<CsvDataset> OpenAsync(SourceOpener source, CsvOptions options, CancellationToken cancellationToken)
    {
        options.Check();
        var inferred = await InferAsync(source, options, cancellationToken).ConfigureAwait(false);
        return new CsvDataset(source, inferred.ToSchema(), options);
    }

    private static PartitionedDataset OpenAll(string pattern, DataSchema schema, CsvOptions options, IReadOnlyList<string> files)
        => new(pattern, schema, files.Select(file => new CsvDataset(file, schema, options with { Parallelism = 1 })), options.Parallelism);

    private static async Task<InferredSchema> InferAsync(SourceOpener source, CsvOptions options, CancellationToken cancellationToken)
    {
        using var input = await CsvInput.OpenAsync(source.Place, await source.OpenAsync(cancellationToken).ConfigureAwait(false), options, cancellationToken).ConfigureAwait(false);
        var inferred = new InferredSchema(options.BadRowHandling, input.Names);
        var nulls = new NullTexts(options.NullTexts);
        for (var row = 0; row < options.InferenceRows && await input.MoveNextAsync(cancellationToken).ConfigureAwait(false); row++)
        {
            if (input.FindProblem() is { } problem)
            {
                if (options.BadRowHandling == BadRowHandling.Quarantine) continue;
                throw new DataFormatException(source.Place, input.Line, problem.Column, problem.Reason);
            }

            for (var i = 0; i < inferred.Count; i++)
            {
                var field = input.Reader.GetSpan(i);
                if (!nulls.Contains(field)) inferred[i].AddText(field, input.AsNumber(field));
            }
        }

        return inferred;
    }

    private int[] FindOrdinals(DataSchema schema, IReadOnlyList<string> names)
    {
        if (!_options.HasHeader && names.Count != Schema.Count)
            throw new DataFormatException(_source.Place, 1, null, $"The row has {names.Count} fields, but the schema has {Schema.Count} columns; without a header they must be as many.");
        var positions = new Dictionary<string, int>(names.Count, StringComparer.Ordinal);
        for (var i = 0; i < names.Count; i++) positions.Add(_options.HasHeader ? names[i] : Schema[i].Name, i);
        var ordinals = new int[schema.Count];
        for (var i = 0; i < ordinals.Length; i++)
        {
            if (!positions.TryGetValue(schema[i].Name, out ordinals[i]))
                throw new EntityNotFoundException("column", schema[i].Name, $"{_source.Place} has no column '{schema[i].Name}'. Its columns are: {string.Join(", ", names.Take(60))}.");
        }

        return ordinals;
    }
}
