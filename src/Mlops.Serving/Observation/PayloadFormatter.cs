using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mlops.Serving;

/// <summary>Writes calls as lines of text. Used by one thread.</summary>
internal abstract class PayloadFormatter
{
    private readonly byte[] _number = new byte[TensorElements.LongestNumber];
    private readonly ArrayBufferWriter<byte> _vector = new();

    protected static JsonWriterOptions JsonOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Gets how the name of a file ends.</summary>
    public abstract string Extension { get; }

    public static PayloadFormatter Create(PayloadFormat format) => format == PayloadFormat.Csv ? new CsvPayloadFormatter() : new JsonPayloadFormatter();

    /// <summary>Gets the line with which a file begins; empty when it has none. Calls with the same header may share a file.</summary>
    public abstract ReadOnlyMemory<byte> GetHeader(PayloadLayout layout);

    /// <summary>Writes a line for each row of a call, or one for its failure.</summary>
    public abstract void Write(in PayloadEntry entry, IBufferWriter<byte> target);

    /// <summary>Finds the end of the last complete line.</summary>
    /// <returns>The number of bytes up to there.</returns>
    public abstract long FindEndOfLines(Stream stream);

    protected static string ToText(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Gets a number as text; empty when it is missing.</summary>
    protected ReadOnlySpan<byte> FormatNumber(PayloadLayout.Slot slot, PayloadEntry.Elements elements, int index, out bool isFinite)
        => _number.AsSpan(0, TensorElements.Format(slot.Spec.ElementType, elements.Bytes, index, _number, out isFinite));

    /// <summary>Gets elements as <c>[1,2,NaN]</c>, or texts as a JSON array.</summary>
    /// <param name="slot">The tensor.</param>
    /// <param name="elements">Its elements.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    /// <param name="isJson">Whether it is JSON: not where a number is not finite.</param>
    protected ReadOnlySpan<byte> FormatVector(PayloadLayout.Slot slot, PayloadEntry.Elements elements, int first, int count, out bool isJson)
    {
        isJson = true;
        _vector.ResetWrittenCount();
        if (slot.IsText)
        {
            using var json = new Utf8JsonWriter(_vector, JsonOptions);
            json.WriteStartArray();
            for (var i = 0; i < count; i++) json.WriteStringValue(elements.Texts[first + i]);
            json.WriteEndArray();
            json.Flush();
            return _vector.WrittenSpan;
        }

        _vector.Write("["u8);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) _vector.Write(","u8);
            var number = FormatNumber(slot, elements, first + i, out var isFinite);
            isJson &= isFinite;
            _vector.Write(number.IsEmpty ? "NaN"u8 : number);
        }

        _vector.Write("]"u8);
        return _vector.WrittenSpan;
    }

    /// <summary>Finds which elements belong to a row: all of a tensor without rows.</summary>
    protected static (int First, int Count) RangeOf(PayloadEntry.Elements elements, int row, int rows)
    {
        if (!elements.HasRows) return (0, elements.Count);
        var width = elements.Count / rows;
        return (row * width, width);
    }
}
