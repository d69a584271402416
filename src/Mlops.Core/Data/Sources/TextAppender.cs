using System.Globalization;
using System.Text.Unicode;

namespace Mlops.Data;

/// <summary>Appends texts; other values in the form that the sources write them.</summary>
internal sealed class TextAppender(ColumnSchema schema, int capacity, TextBudget budget) : ColumnAppender(schema)
{
    private readonly TextColumnBuilder _builder = new(capacity);

    public override void AppendNull() => _builder.AppendNull();

    public override bool TryAppendText(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8)) return false;
        budget.Bytes += utf8.Length;
        _builder.Append(utf8);
        return true;
    }

    public override bool TryAppend(bool value) => TryAppendText(value ? "true"u8 : "false"u8);

    public override bool TryAppend(long value) => AppendFormatted(value, default);

    public override bool TryAppend(ulong value) => AppendFormatted(value, default);

    public override bool TryAppend(double value) => AppendFormatted(value, "R");

    public override bool TryAppend(float value) => AppendFormatted(value, "R");

    public override bool TryAppend(decimal value) => AppendFormatted(value, default);

    public override bool TryAppend(DateOnly value) => AppendFormatted(value, "O");

    public override bool TryAppend(DateTime value) => AppendFormatted(value, "O");

    public override RowProblem Explain(ReadOnlySpan<byte> utf8, string hint = "")
        => new(Schema.Name, $"The text {TypeText.Quote(utf8)} is not valid UTF-8. Save the source as UTF-8, or say which encoding it has.");

    public override void Truncate(int rows)
    {
        if (_builder.Count > rows) _builder.Truncate(rows);
    }

    public override Column Build(int rows) => _builder.Build();

    private bool AppendFormatted<T>(T value, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        Span<byte> buffer = stackalloc byte[64];
        return value.TryFormat(buffer, out var length, format, CultureInfo.InvariantCulture) && TryAppendText(buffer[..length]);
    }
}
