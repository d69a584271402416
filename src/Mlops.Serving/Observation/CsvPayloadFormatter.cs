using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mlops.Serving;

/// <summary>Writes calls as comma-separated values (RFC 4180, with line feeds). A missing value is an empty field.</summary>
internal sealed class CsvPayloadFormatter : PayloadFormatter
{
    private static readonly SearchValues<byte> s_special = SearchValues.Create(",\"\n\r"u8);
    private byte[] _utf8 = new byte[256];

    public override string Extension => ".csv";

    public override ReadOnlyMemory<byte> GetHeader(PayloadLayout layout)
    {
        var target = new ArrayBufferWriter<byte>();
        for (var i = 0; i < layout.Header.Count; i++)
        {
            if (i > 0) target.Write(","u8);
            WriteField(layout.Header[i], target);
        }

        target.Write("\n"u8);
        return target.WrittenMemory;
    }

    public override void Write(in PayloadEntry entry, IBufferWriter<byte> target)
    {
        for (var line = 0; line < entry.Lines; line++)
        {
            WriteCommon(entry, line, target);
            if (entry.Error is null)
            {
                var slot = 0;
                foreach (var elements in entry) WriteTensor(entry.Layout.Slots[slot++], elements, line, entry.Rows, target);
            }
            else
            {
                for (var i = PayloadFields.Common.Count; i < entry.Layout.Header.Count; i++) target.Write(","u8);
            }

            target.Write("\n"u8);
        }
    }

    /// <summary>A line break within quotes ends no line, and whether quotes are open only the beginning tells.</summary>
    public override long FindEndOfLines(Stream stream)
    {
        var buffer = new byte[64 * 1024];
        var (isQuoted, end, position) = (false, 0L, 0L);
        stream.Position = 0;
        for (int count; (count = stream.Read(buffer, 0, buffer.Length)) > 0; position += count)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] == '"') isQuoted = !isQuoted;
                else if (buffer[i] == '\n' && !isQuoted) end = position + i + 1;
            }
        }

        return end;
    }

    private void WriteCommon(in PayloadEntry entry, int row, IBufferWriter<byte> target)
    {
        WriteField(entry.Id.ToString("D"), target);
        target.Write(","u8);
        if (entry.Error is null) WriteField(row.ToString(CultureInfo.InvariantCulture), target);
        target.Write(","u8);
        WriteField(ToText(entry.Time), target);
        target.Write(","u8);
        if (entry.EventTime is { } time) WriteField(ToText(time), target);
        target.Write(","u8);
        WriteField(entry.Model, target);
        target.Write(","u8);
        WriteField(entry.Version, target);
        target.Write(","u8);
        WriteField(entry.Route, target);
        target.Write(","u8);
        WriteField(entry.Duration.TotalSeconds.ToString(CultureInfo.InvariantCulture), target);
        target.Write(","u8);
        WriteField(entry.Error, target);
    }

    private void WriteTensor(PayloadLayout.Slot slot, PayloadEntry.Elements elements, int row, int rows, IBufferWriter<byte> target)
    {
        var (first, count) = RangeOf(elements, row, rows);
        if (slot.Names.Length == 1 && (slot.IsVector || count != 1))
        {
            target.Write(","u8);
            WriteField(FormatVector(slot, elements, first, count, out _), target);
            return;
        }

        for (var i = 0; i < slot.Names.Length; i++)
        {
            target.Write(","u8);
            if (i >= count) continue;
            if (slot.IsText) WriteField(elements.Texts[first + i], target);
            else target.Write(FormatNumber(slot, elements, first + i, out _));
        }
    }

    private void WriteField(string? text, IBufferWriter<byte> target)
    {
        if (string.IsNullOrEmpty(text)) return;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (_utf8.Length < most) _utf8 = new byte[most];
        WriteField(_utf8.AsSpan(0, Encoding.UTF8.GetBytes(text, _utf8)), target);
    }

    private static void WriteField(ReadOnlySpan<byte> utf8, IBufferWriter<byte> target)
    {
        if (!utf8.ContainsAny(s_special) && utf8[0] != ' ' && utf8[^1] != ' ')
        {
            target.Write(utf8);
            return;
        }

        target.Write("\""u8);
        for (int quote; (quote = utf8.IndexOf((byte)'"')) >= 0; utf8 = utf8[(quote + 1)..])
        {
            target.Write(utf8[..quote]);
            target.Write("\"\""u8);
        }

        target.Write(utf8);
        target.Write("\""u8);
    }
}
