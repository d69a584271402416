namespace Mlops.Data;

/// <summary>Appends days; a moment only when it is midnight.</summary>
internal sealed class DateAppender(ColumnSchema schema, int capacity) : ColumnAppender<DateOnly>(schema, capacity)
{
    public override bool TryAppendText(ReadOnlySpan<byte> utf8)
        => FieldText.TryParseDate(utf8, out var value) ? Append(value) : FieldText.TryParseTimestamp(utf8, out var moment) && TryAppend(moment);

    public override bool TryAppend(DateOnly value) => Append(value);

    public override bool TryAppend(DateTime value) => value.TimeOfDay == TimeSpan.Zero && Append(DateOnly.FromDateTime(value));
}
