using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Tells classes from amounts.</summary>
internal static class LabelKinds
{
    /// <summary>The largest number of different whole numbers that are taken for classes.</summary>
    private const int MostClasses = 20;

    /// <summary>Judges a label by its values, where nobody said what they are.</summary>
    /// <remarks>Texts and truth values are classes, dates and moments amounts; numbers are classes when all are whole, at most 20 different ones, each occurring twice on average.</remarks>
    public static LabelKind Infer(Column values)
    {
        if (values.Type is ElementType.String or ElementType.Boolean) return LabelKind.Class;
        if (values.Type is ElementType.Date or ElementType.Timestamp || values.Width > 1) return LabelKind.Number;
        var (different, present) = (new HashSet<double>(), 0);
        foreach (var value in ColumnNumbers.ToDoubles(values))
        {
            if (double.IsNaN(value)) continue;
            if (!double.IsInteger(value)) return LabelKind.Number;
            present++;
            if (different.Add(value) && different.Count > MostClasses) return LabelKind.Number;
        }

        return different.Count * 2 <= present ? LabelKind.Class : LabelKind.Number;
    }
}
