using System.Text;
using System.Text.Json;

namespace Mlops.Data;

/// <summary>Reads the rows of a JSON Lines source.</summary>
internal sealed class JsonLinesRowReader : AppendingRowReader
{
    private readonly LineReader _lines;
    private readonly JsonPath _path = new();
    private readonly Dictionary<string, int> _positions;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly int[] _counts;

    public JsonLinesRowReader(string source, LineReader lines, DataSchema schema, int batchRows)
        : base(source, schema, batchRows)
    {
        _lines = lines;
        _positions = schema.Select((column, i) => (column.Name, i)).ToDictionary(StringComparer.Ordinal);
        _lookup = _positions.GetAlternateLookup<ReadOnlySpan<char>>();
        _counts = new int[schema.Count];
    }

    public override long Line => _lines.Number;

    public override async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        do
        {
            if (!await _lines.MoveNextAsync(cancellationToken).ConfigureAwait(false)) return false;
        }
        while (IsBlank(_lines.Line.Span));
        return true;
    }

    public override RowProblem? Append(int row)
    {
        Array.Clear(_counts);
        _path.Clear();
        var reader = new Utf8JsonReader(_lines.Line.Span);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return new RowProblem(null, $"The line is {TypeText.Quote(_lines.Line.Span)}, not a JSON object. Write one object for each line.");
            if (AppendObject(ref reader) is { } problem) return problem;
            if (reader.Read()) return new RowProblem(null, "Something follows the JSON object. Write one object for each line.");
        }
        catch (JsonException error)
        {
            return new RowProblem(null, $"The line is not well-formed JSON, at byte {error.BytePositionInLine + 1}. Correct it; a line break within an object is not allowed.");
        }
        catch (InvalidOperationException)
        {
            return new RowProblem(null, "The line has a text that is not valid UTF-8, or half of a surrogate pair as \\u escape. Save the source as UTF-8.");
        }

        for (var i = 0; i < Columns.Length; i++)
        {
            if (_counts[i] == 0 && AppendMissing(Columns[i]) is { } missing) return missing;
        }

        return null;
    }

    public override string GetText() => Encoding.UTF8.GetString(_lines.Line.Span);

    public override async ValueTask DisposeAsync()
    {
        await _lines.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private RowProblem? AppendObject(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var length = _path.Push(ref reader);
            reader.Read();
            var problem = _lookup.TryGetValue(_path.Text, out var column) ? AppendValue(ref reader, column)
                : reader.TokenType == JsonTokenType.StartObject ? AppendObject(ref reader)
                : Skip(ref reader);
            if (problem is not null) return problem;
            _path.Pop(length);
        }

        return null;
    }

    private RowProblem? AppendValue(ref Utf8JsonReader reader, int position)
    {
        var column = Columns[position];
        if (_counts[position]++ > 0) return new RowProblem(column.Schema.Name, "The property occurs twice in the row. Leave one of them out.");
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return AppendMissing(column);
            case JsonTokenType.True or JsonTokenType.False:
                return column.TryAppend(reader.TokenType == JsonTokenType.True) ? null : column.Explain(reader.ValueSpan);
            case JsonTokenType.Number:
                return column.TryAppendText(reader.ValueSpan) ? null : column.Explain(reader.ValueSpan);
            case JsonTokenType.String:
                return AppendString(ref reader, column);
            default:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                var json = _lines.Line.Span[start..(int)reader.BytesConsumed];
                // A text keeps the JSON itself; a vector reads the array in the form of texts, which is that of JSON.
                return (column.Schema.Type == ElementType.String || column.Schema.Width > 1) && column.TryAppendText(json) ? null : column.Explain(json);
        }
    }

    private static RowProblem? AppendString(ref Utf8JsonReader reader, ColumnAppender column)
    {
        if (!reader.ValueIsEscaped) return AppendString(reader.ValueSpan, column);
        var text = new byte[reader.ValueSpan.Length];
        return AppendString(text.AsSpan(0, reader.CopyString(text)), column);
    }

    /// <summary>An empty string is a text, and no value of any other type.</summary>
    private static RowProblem? AppendString(ReadOnlySpan<byte> utf8, ColumnAppender column)
    {
        if (utf8.IsEmpty && column.Schema.Type != ElementType.String) return AppendMissing(column);
        return column.TryAppendText(utf8) ? null : column.Explain(utf8);
    }

    private static RowProblem? Skip(ref Utf8JsonReader reader)
    {
        reader.Skip();
        return null;
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.TrimStart(" \t\r"u8).IsEmpty;
}
