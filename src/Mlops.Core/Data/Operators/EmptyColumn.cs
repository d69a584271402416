namespace Mlops.Data;

/// <summary>Makes columns without rows.</summary>
internal static class EmptyColumn
{
    /// <summary>Makes a column without rows.</summary>
    /// <param name="column">Its type and width.</param>
    public static Column Create(ColumnSchema column) => column.Type switch
    {
        ElementType.Boolean => new Column<bool>([], width: column.Width),
        ElementType.Int8 => new Column<sbyte>([], width: column.Width),
        ElementType.Int16 => new Column<short>([], width: column.Width),
        ElementType.Int32 => new Column<int>([], width: column.Width),
        ElementType.Int64 => new Column<long>([], width: column.Width),
        ElementType.UInt8 => new Column<byte>([], width: column.Width),
        ElementType.UInt16 => new Column<ushort>([], width: column.Width),
        ElementType.UInt32 => new Column<uint>([], width: column.Width),
        ElementType.UInt64 => new Column<ulong>([], width: column.Width),
        ElementType.Float16 => new Column<Half>([], width: column.Width),
        ElementType.Float32 => new Column<float>([], width: column.Width),
        ElementType.Float64 => new Column<double>([], width: column.Width),
        ElementType.Date => new Column<DateOnly>([], width: column.Width),
        ElementType.Timestamp => new Column<DateTime>([], width: column.Width),
        ElementType.String => TextColumn.FromStrings(),
        _ => throw new NotSupportedException($"There are no columns of {column.Type}."),
    };
}
