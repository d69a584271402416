using System.Globalization;
using CsvHelper;

namespace Mlops.Data;

/// <summary>A CSV parser at work on one source: its header, its rows, and where it stands.</summary>
internal sealed class CsvInput : IDisposable
{
    private const int BufferBytes = 1 << 18;

    private readonly string _source;
    private readonly CsvOptions _options;
    private readonly long _linesBefore;
    private readonly byte[] _number = new byte[256];
    private CsvMalformedReason _malformedReason;
    private long _malformedLine;
    private bool _isFirstRowWaiting;
    private bool _isCommaSeparated;
    private string[] _names = [];

    private CsvInput(string source, CsvOptions options, long linesBefore, Func<CsvReaderOptions, CsvReader> open)
    {
        _source = source;
        _options = options;
        _linesBefore = linesBefore;
        Reader = open(new CsvReaderOptions
        {
            // With one column and decimal commas, the comma would look like a separator.
            Separator = options.Separator ?? (options.DecimalSeparator == ',' ? ';' : null),
            HasHeader = false, // It is read as the first row, so that its faults are told like those of any other.
            Encoding = options.Encoding,
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Recover,
            OnMalformedRecord = OnMalformedRecord,
            MaxRecordSize = options.MaximumRowBytes,
            IncludeValuesInExceptions = false,
            BufferSize = BufferBytes,
        });
    }

    public CsvReader Reader { get; }

    /// <summary>Gets whether numbers have a comma before their fraction.</summary>
    public bool HasDecimalComma => _options.DecimalSeparator == ',';

    /// <summary>Gets the names of the columns.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Gets the line on which the present row starts, from 1.</summary>
    public long Line => _linesBefore + Reader.LineNumber;

    /// <summary>
    /// Gets whether a field of the present row may hold a comma, which the parser would take as a separator of thousands: within quotes, or where fields are separated by
    /// something else. Looking at the whole row once is much cheaper than at every field.
    /// </summary>
    public bool MayHoldCommas => Reader.RawRecord.Contains(_isCommaSeparated ? (byte)'"' : (byte)',');

    /// <summary>Gets a field as a number with a decimal point; nothing when it can be none.</summary>
    public ReadOnlySpan<byte> AsNumber(ReadOnlySpan<byte> field)
    {
        if (_options.DecimalSeparator == '.') return field;
        if (field.Contains((byte)'.') || field.Length > _number.Length) return default;
        field.Replace(_number, (byte)',', (byte)'.');
        return _number.AsSpan(0, field.Length);
    }

    /// <summary>Opens a source and reads its header.</summary>
    /// <exception cref="DataFormatException">The source is empty, or its header is no header.</exception>
    public static ValueTask<CsvInput> OpenAsync(string source, Stream stream, CsvOptions options, CancellationToken cancellationToken)
        => OpenAsync(new CsvInput(source, options, 0, settings => CsvReader.Create(stream, settings)), cancellationToken);

    /// <inheritdoc cref="OpenAsync(string, Stream, CsvOptions, CancellationToken)"/>
    public static ValueTask<CsvInput> OpenAsync(string source, ReadOnlyMemory<byte> bytes, CsvOptions options, CancellationToken cancellationToken)
        => OpenAsync(new CsvInput(source, options, 0, settings => CsvReader.Create(bytes, settings)), cancellationToken);

    /// <summary>Opens some rows of a source whose header is known.</summary>
    public static CsvInput OpenRows(string source, ReadOnlyMemory<byte> rows, long linesBefore, IReadOnlyList<string> names, char separator, CsvOptions options)
        => new(source, options, linesBefore, settings => CsvReader.Create(rows, settings with { Separator = separator })) { _names = [.. names], _isCommaSeparated = separator == ',' };

    /// <summary>Moves to the next row.</summary>
    /// <exception cref="DataFormatException">The source cannot be read on.</exception>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (_isFirstRowWaiting)
        {
            _isFirstRowWaiting = false;
            return new ValueTask<bool>(true);
        }

        try
        {
            var reading = Reader.ReadAsync(cancellationToken);
            return reading.IsCompletedSuccessfully ? reading : AwaitAsync(reading);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(error);
        }
    }

    /// <summary>Tells what is wrong with the present row as such; <see langword="null"/> when nothing is.</summary>
    public RowProblem? FindProblem()
    {
        var isMalformed = _malformedLine != 0 && _malformedLine == Reader.LineNumber;
        return isMalformed || Reader.FieldCount != _names.Length || Reader.RawRecord.Length > _options.MaximumRowBytes ? Describe(isMalformed) : null;
    }

    public void Dispose() => Reader.Dispose();

    /// <summary>Makes the exception for a row that is too long.</summary>
    public static DataFormatException TooLong(string source, long line, int maximumRowBytes, Exception? error) => new(
        source,
        line,
        null,
        TooLongReason("The row after this line", maximumRowBytes),
        error);

    private static string TooLongReason(string row, int maximumRowBytes) => string.Create(
        CultureInfo.InvariantCulture, $"{row} is longer than {maximumRowBytes:N0} bytes. Look for a quote that is not closed; where fields are so long, raise CsvOptions.MaximumRowBytes.");

    private static async ValueTask<CsvInput> OpenAsync(CsvInput input, CancellationToken cancellationToken)
    {
        try
        {
            if (!await input.MoveNextAsync(cancellationToken).ConfigureAwait(false))
                throw new DataFormatException(input._source, 1, null, input._options.HasHeader ? "The file is empty; the first line must name the columns." : "The file is empty; its columns cannot be known.");
            input.ReadNames();
            input._isCommaSeparated = input.Reader.Separator == ',';
            return input;
        }
        catch
        {
            input.Dispose();
            throw;
        }
    }

    private RowProblem Describe(bool isMalformed)
    {
        if (isMalformed)
        {
            return new RowProblem(null, _malformedReason switch
            {
                CsvMalformedReason.UnterminatedQuote => "A quote is opened in this row and never closed. Close it, or double a quote that belongs to the text.",
                CsvMalformedReason.TextAfterClosingQuote => "Text follows a closing quote. Double a quote that belongs to the text.",
                _ => "There is a quote inside a field that does not begin with one. Put the field in quotes, and double the one inside.",
            });
        }

        return Reader.RawRecord.Length > _options.MaximumRowBytes
            ? new RowProblem(null, TooLongReason("The row", _options.MaximumRowBytes))
            : new RowProblem(null, $"The row has {Reader.FieldCount} fields, but the {(_options.HasHeader ? "header" : "first row")} has {_names.Length}. Correct the row; a field that contains the separator needs quotes.");
    }

    private async ValueTask<bool> AwaitAsync(ValueTask<bool> reading)
    {
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw Unreadable(error);
        }
    }

    private static bool IsUnreadable(Exception error) => error is CsvFormatException or InvalidDataException;

    private DataFormatException Unreadable(Exception error)
    {
        var line = LineAfter();
        return error is InvalidDataException damaged
            ? SourceFile.Damaged(_source, line, damaged)
            : TooLong(_source, line, _options.MaximumRowBytes, error);
    }

    private void ReadNames()
    {
        var count = Reader.FieldCount;
        if (!_options.HasHeader)
        {
            _names = [.. Enumerable.Range(1, count).Select(DefaultName)];
            _isFirstRowWaiting = true;
            return;
        }

        if (_malformedLine != 0) throw new DataFormatException(_source, Line, null, "The header is not well-formed CSV; look for an unbalanced quote.");
        var names = new string[count];
        var seen = new HashSet<string>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            if (!System.Text.Unicode.Utf8.IsValid(Reader.GetSpan(i)))
                throw new DataFormatException(_source, Line, null, $"The name of column {i + 1} is not valid UTF-8. Save the file as UTF-8, or set CsvOptions.Encoding.");
            names[i] = Reader.GetString(i) is { Length: > 0 } name ? name : DefaultName(i + 1);
            if (!seen.Add(names[i])) throw new DataFormatException(_source, Line, names[i], "Two columns have this name; give each a name of its own.");
        }

        _names = names;
    }

    private static string DefaultName(int number) => string.Create(CultureInfo.InvariantCulture, $"column{number}");

    private void OnMalformedRecord(CsvMalformedRecord record) => (_malformedLine, _malformedReason) = (record.LineNumber, record.Reason);

    private long LineAfter()
    {
        try
        {
            return Line;
        }
        catch (InvalidOperationException)
        {
            return 0; // No row has been read yet.
        }
    }
}
