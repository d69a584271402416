namespace Mlops.Data;

/// <summary>Appends moments in UTC; a day is its midnight.</summary>
internal sealed class TimestampAppender(ColumnSchema schema, int capacity) : ColumnAppender<DateTime>(schema, capacity)
{
    public override bool TryAppendText(ReadOnlySpan<byte> utf8) => FieldText.TryParseTimestamp(utf8, out var value) && Append(value);

    public override bool TryAppend(DateOnly value) => Append(value.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));

    public override bool TryAppend(DateTime value) => Append(value);
}
