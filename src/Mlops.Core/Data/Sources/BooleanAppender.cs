namespace Mlops.Data;

/// <summary>Appends truth values; 1 and 0 are true and false too.</summary>
internal sealed class BooleanAppender(ColumnSchema schema, int capacity) : ColumnAppender<bool>(schema, capacity)
{
    public override bool TryAppendText(ReadOnlySpan<byte> utf8) => FieldText.TryParseBoolean(utf8, out var value) && Append(value);

    public override bool TryAppend(bool value) => Append(value);

    public override bool TryAppend(long value) => value is 0 or 1 && Append(value == 1);

    public override bool TryAppend(double value) => value is 0 or 1 && Append(value == 1);
}
