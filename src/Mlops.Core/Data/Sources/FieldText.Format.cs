using System.Globalization;

namespace Mlops.Data;

internal static partial class FieldText
{
    /// <summary>Writes a value as the text that is read back as the same value; nothing when it is missing.</summary>
    /// <param name="column">The column.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="buffer">Memory to use, which is replaced by more where that is needed.</param>
    /// <returns>The text in UTF-8.</returns>
    public static ReadOnlySpan<byte> Format(Column column, int row, ref byte[] buffer)
    {
        if (column.IsNull(row)) return default;
        if (column is TextColumn texts) return texts.GetUtf8(row);
        if (column.Width == 1) return buffer.AsSpan(0, FormatElement(column, row, ref buffer, 0));
        var length = 0;
        for (var i = 0; i < column.Width; i++)
        {
            buffer[length++] = (byte)(i == 0 ? '[' : ',');
            length = FormatElement(column, (row * column.Width) + i, ref buffer, length);
        }

        buffer[length++] = (byte)']';
        return buffer.AsSpan(0, length);
    }

    private static int FormatElement(Column column, int element, ref byte[] buffer, int length)
    {
        const int LongestElement = 48;
        if (buffer.Length < length + LongestElement) Array.Resize(ref buffer, (length + LongestElement) * 2);
        return column switch
        {
            Column<double> typed => Format(typed.Values[element], "R", buffer, length),
            Column<float> typed => Format(typed.Values[element], "R", buffer, length),
            Column<Half> typed => Format(typed.Values[element], "R", buffer, length),
            Column<long> typed => Format(typed.Values[element], default, buffer, length),
            Column<int> typed => Format(typed.Values[element], default, buffer, length),
            Column<short> typed => Format(typed.Values[element], default, buffer, length),
            Column<sbyte> typed => Format(typed.Values[element], default, buffer, length),
            Column<ulong> typed => Format(typed.Values[element], default, buffer, length),
            Column<uint> typed => Format(typed.Values[element], default, buffer, length),
            Column<ushort> typed => Format(typed.Values[element], default, buffer, length),
            Column<byte> typed => Format(typed.Values[element], default, buffer, length),
            Column<DateOnly> typed => Format(typed.Values[element], "O", buffer, length),
            Column<DateTime> typed => Format(DateTime.SpecifyKind(typed.Values[element], DateTimeKind.Utc), "O", buffer, length),
            Column<bool> typed => Copy(typed.Values[element] ? "true"u8 : "false"u8, buffer, length),
            _ => throw new NotSupportedException($"Values of type {column.Type} have no text."),
        };
    }

    private static int Format<T>(T value, ReadOnlySpan<char> format, byte[] buffer, int length)
        where T : IUtf8SpanFormattable
    {
        value.TryFormat(buffer.AsSpan(length), out var written, format, CultureInfo.InvariantCulture);
        return length + written;
    }

    private static int Copy(ReadOnlySpan<byte> text, byte[] buffer, int length)
    {
        text.CopyTo(buffer.AsSpan(length));
        return length + text.Length;
    }
}
