using Mlops.Data;

namespace Mlops.Validation;

/// <summary>In which form the values of a column of two datasets can be compared.</summary>
internal enum CommonForm
{
    /// <summary>Texts.</summary>
    Text,

    /// <summary>Values of one type, or of types of the same kind: as they are.</summary>
    Own,

    /// <summary>Whole numbers with and without sign: as signed ones.</summary>
    Integer,

    /// <summary>Other numbers and truth values: as 64-bit floating point.</summary>
    Number,

    /// <summary>Dates beside timestamps: as days (UTC).</summary>
    Day,
}

/// <summary>Finds and reads common forms.</summary>
internal static class CommonForms
{
    private const ulong Sign = 1UL << 63;

    /// <summary>Finds the form in which values of two types can be compared; <see langword="null"/> where they cannot.</summary>
    public static CommonForm? Find(ColumnSchema train, ColumnSchema test)
    {
        if (train.Width != test.Width) return null;
        var (a, b) = (train.Type, test.Type);
        if (a == b) return a == ElementType.String ? CommonForm.Text : CommonForm.Own;
        if (a.IsNumeric() && b.IsNumeric())
        {
            if ((IsSigned(a) && IsSigned(b)) || (IsUnsigned(a) && IsUnsigned(b)) || (a.IsFloatingPoint() && b.IsFloatingPoint())) return CommonForm.Own;
            var areWhole = (IsSigned(a) || IsUnsigned(a)) && (IsSigned(b) || IsUnsigned(b));
            return areWhole && a != ElementType.UInt64 && b != ElementType.UInt64 ? CommonForm.Integer : CommonForm.Number;
        }

        return IsTime(a) && IsTime(b) ? CommonForm.Day : null;
    }

    /// <summary>Tells whether values of the type are dates or timestamps.</summary>
    public static bool IsTime(ElementType type) => type is ElementType.Date or ElementType.Timestamp;

    /// <summary>Reads a column of anything but texts as bits that are equal where values are, and ordered as they are; shape (rows × width).</summary>
    public static ulong[] ReadBits(Column column, CommonForm form)
    {
        switch (form)
        {
            case CommonForm.Number:
                return OrderedBits.Read(new Column<double>(ColumnNumbers.ToDoubles(column)));
            case CommonForm.Integer when IsUnsigned(column.Type):
                var bits = OrderedBits.Read(column);
                foreach (ref var value in bits.AsSpan()) value ^= Sign;
                return bits;
            case CommonForm.Day when column is Column<DateTime> moments:
                var days = new ulong[moments.Length];
                for (var i = 0; i < days.Length; i++) days[i] = (ulong)(moments.Values[i].Ticks / TimeSpan.TicksPerDay);
                return days;
            default:
                return OrderedBits.Read(column);
        }
    }

    /// <summary>Reads a column of anything but texts as numbers, missing values as NaN; shape (rows × width).</summary>
    public static double[] ReadNumbers(Column column, CommonForm form)
    {
        var numbers = ColumnNumbers.ToDoubles(column);
        if (form != CommonForm.Day || column.Type != ElementType.Timestamp) return numbers;
        foreach (ref var value in numbers.AsSpan()) value = Math.Floor(value / TimeSpan.SecondsPerDay);
        return numbers;
    }

    private static bool IsSigned(ElementType type) => type is ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64;

    private static bool IsUnsigned(ElementType type) => type is ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64;
}
