using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Counts missing values.</summary>
internal static class MissingValues
{
    /// <summary>Counts NaN of a column of floating-point numbers, one a row; nulls are not among them.</summary>
    public static long CountNaN(Column column)
    {
        if (!column.Type.IsFloatingPoint() || column.Width > 1) return 0;
        long count = 0;
        foreach (var value in ColumnNumbers.ToDoubles(column))
        {
            if (double.IsNaN(value)) count++;
        }

        return count - column.NullCount; // Nulls are read as NaN.
    }

    /// <summary>Counts rows without a value; NaN is not one.</summary>
    public static long Count(Column column) => column.NullCount + CountNaN(column);
}
