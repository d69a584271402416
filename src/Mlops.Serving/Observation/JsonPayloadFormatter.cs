using System.Buffers;
using System.Text.Json;

namespace Mlops.Serving;

/// <summary>Writes calls as JSON objects. A missing value is null, an infinite one a text, and so is a vector with one of these.</summary>
internal sealed class JsonPayloadFormatter : PayloadFormatter
{
    public override string Extension => ".jsonl";

    public override ReadOnlyMemory<byte> GetHeader(PayloadLayout layout) => default;

    public override void Write(in PayloadEntry entry, IBufferWriter<byte> target)
    {
        using var json = new Utf8JsonWriter(target, JsonOptions);
        for (var line = 0; line < entry.Lines; line++)
        {
            json.Reset(target);
            json.WriteStartObject();
            WriteCommon(json, entry, line);
            if (entry.Error is null) WriteTensors(json, entry, line);
            json.WriteEndObject();
            json.Flush();
            target.Write("\n"u8);
        }
    }

    /// <summary>Within JSON a line break is escaped: each one ends a line.</summary>
    public override long FindEndOfLines(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        for (var end = stream.Length; end > 0;)
        {
            var count = (int)Math.Min(buffer.Length, end);
            stream.Position = end - count;
            stream.ReadExactly(buffer, 0, count);
            var at = buffer.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (at >= 0) return end - count + at + 1;
            end -= count;
        }

        return 0;
    }

    private static void WriteCommon(Utf8JsonWriter json, in PayloadEntry entry, int row)
    {
        json.WriteString(PayloadFields.Id, entry.Id);
        if (entry.Error is null) json.WriteNumber(PayloadFields.Row, row);
        else json.WriteNull(PayloadFields.Row);
        json.WriteString(PayloadFields.Time, ToText(entry.Time));
        json.WriteString(PayloadFields.EventTime, entry.EventTime is { } time ? ToText(time) : null);
        json.WriteString(PayloadFields.Model, entry.Model);
        json.WriteString(PayloadFields.Version, entry.Version);
        json.WriteString(PayloadFields.Route, entry.Route);
        json.WriteNumber(PayloadFields.Duration, entry.Duration.TotalSeconds);
        json.WriteString(PayloadFields.Error, entry.Error);
    }

    private void WriteTensors(Utf8JsonWriter json, in PayloadEntry entry, int row)
    {
        var (slot, inputs) = (0, entry.Layout.Inputs.Length);
        json.WriteStartObject(PayloadFields.Inputs);
        foreach (var elements in entry)
        {
            if (slot == inputs) StartOutputs(json);
            WriteTensor(json, entry.Layout.Slots[slot++], elements, row, entry.Rows);
        }

        if (slot == inputs) StartOutputs(json);
        json.WriteEndObject();
    }

    private static void StartOutputs(Utf8JsonWriter json)
    {
        json.WriteEndObject();
        json.WriteStartObject(PayloadFields.Outputs);
    }

    private void WriteTensor(Utf8JsonWriter json, PayloadLayout.Slot slot, PayloadEntry.Elements elements, int row, int rows)
    {
        var (first, count) = RangeOf(elements, row, rows);
        if (slot.Names.Length == 1 && (slot.IsVector || count != 1))
        {
            json.WritePropertyName(slot.Names[0]);
            var vector = FormatVector(slot, elements, first, count, out var isJson);
            if (isJson) json.WriteRawValue(vector, skipInputValidation: true);
            else json.WriteStringValue(vector);
            return;
        }

        for (var i = 0; i < slot.Names.Length; i++)
        {
            json.WritePropertyName(slot.Names[i]);
            if (i >= count) json.WriteNullValue();
            else if (slot.IsText) WriteText(json, elements.Texts[first + i]);
            else WriteNumber(json, slot, elements, first + i);
        }
    }

    private static void WriteText(Utf8JsonWriter json, string? text)
    {
        // In tensors an empty text says that there is none.
        if (string.IsNullOrEmpty(text)) json.WriteNullValue();
        else json.WriteStringValue(text);
    }

    private void WriteNumber(Utf8JsonWriter json, PayloadLayout.Slot slot, PayloadEntry.Elements elements, int index)
    {
        var number = FormatNumber(slot, elements, index, out var isFinite);
        if (number.IsEmpty) json.WriteNullValue();
        else if (isFinite) json.WriteRawValue(number, skipInputValidation: true);
        else json.WriteStringValue(number);
    }
}
