namespace Mlops.Data;

/// <summary>Reads values of a fixed size as 64 bits that are equal where the values are, and ordered as they are.</summary>
/// <remarks>The two zeros of floating point are equal; NaN equals NaN and comes after every number. Missing rows hold the bits of <c>default</c>.</remarks>
internal static class OrderedBits
{
    private const ulong Sign = 1UL << 63;

    /// <summary>Tells whether the values of a type can be read so.</summary>
    public static bool CanRead(ElementType type) => type != ElementType.String;

    /// <summary>Reads a column, shape (rows × width).</summary>
    public static ulong[] Read(Column column) => column switch
    {
        Column<double> typed => Map(typed, static value => OfDouble(value)),
        Column<float> typed => Map(typed, static value => OfDouble(value)),
        Column<Half> typed => Map(typed, static value => OfDouble((double)value)),
        Column<long> typed => Map(typed, static value => OfLong(value)),
        Column<int> typed => Map(typed, static value => OfLong(value)),
        Column<short> typed => Map(typed, static value => OfLong(value)),
        Column<sbyte> typed => Map(typed, static value => OfLong(value)),
        Column<ulong> typed => Map(typed, static value => value),
        Column<uint> typed => Map(typed, static value => (ulong)value),
        Column<ushort> typed => Map(typed, static value => (ulong)value),
        Column<byte> typed => Map(typed, static value => (ulong)value),
        Column<bool> typed => Map(typed, static value => value ? 1UL : 0UL),
        Column<DateOnly> typed => Map(typed, static value => (ulong)value.DayNumber),
        // Not the raw bits: they hold the kind, too.
        Column<DateTime> typed => Map(typed, static value => (ulong)value.Ticks),
        _ => throw new NotSupportedException($"A column of {column.Type} has no values of a fixed size."),
    };

    private static ulong[] Map<T>(Column<T> column, Func<T, ulong> bitsOf)
        where T : unmanaged
    {
        var values = column.Values;
        var bits = new ulong[values.Length];
        for (var i = 0; i < bits.Length; i++) bits[i] = bitsOf(values[i]);
        return bits;
    }

    private static ulong OfLong(long value) => (ulong)value ^ Sign;

    private static ulong OfDouble(double value)
    {
        if (double.IsNaN(value)) return ulong.MaxValue;
        var bits = BitConverter.DoubleToUInt64Bits(value == 0 ? 0 : value);
        return (bits & Sign) == 0 ? bits | Sign : ~bits;
    }
}
