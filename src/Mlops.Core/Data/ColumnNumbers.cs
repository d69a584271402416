using System.Numerics;
using System.Numerics.Tensors;

namespace Mlops.Data;

/// <summary>Reads columns as numbers, whatever their type.</summary>
public static class ColumnNumbers
{
    private static readonly int s_epochDay = new DateOnly(1970, 1, 1).DayNumber;

    /// <summary>Tells whether a column of this type can be read as numbers.</summary>
    /// <param name="type">The type.</param>
    /// <returns><see langword="true"/> for everything but texts.</returns>
    public static bool CanRead(ElementType type) => type != ElementType.String;

    /// <summary>Copies rows as 64-bit floating point.</summary>
    /// <param name="column">The column, of any type but text.</param>
    /// <param name="start">The first row.</param>
    /// <param name="target">
    /// Receives the numbers, shape (rows × width); as many rows as fit are copied. Missing values become NaN, booleans 0 and 1, dates days and timestamps seconds since 1970-01-01.
    /// </param>
    /// <exception cref="ArgumentException">The column holds text.</exception>
    public static void CopyTo(Column column, int start, Span<double> target)
    {
        ArgumentNullException.ThrowIfNull(column);
        var rows = target.Length / column.Width;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + rows, column.Length, nameof(target));
        switch (column)
        {
            case Column<double> typed: typed.Values.Slice(start * column.Width, target.Length).CopyTo(target); break;
            case Column<float> typed: Convert(typed, start, target); break;
            case Column<int> typed: Convert(typed, start, target); break;
            case Column<long> typed: Convert(typed, start, target); break;
            case Column<short> typed: Convert(typed, start, target); break;
            case Column<sbyte> typed: Convert(typed, start, target); break;
            case Column<byte> typed: Convert(typed, start, target); break;
            case Column<ushort> typed: Convert(typed, start, target); break;
            case Column<uint> typed: Convert(typed, start, target); break;
            case Column<ulong> typed: Convert(typed, start, target); break;
            case Column<Half> typed: Convert(typed, start, target); break;
            case Column<bool> typed:
                for (var i = 0; i < target.Length; i++) target[i] = typed.Values[(start * column.Width) + i] ? 1 : 0;
                break;
            case Column<DateOnly> typed:
                for (var i = 0; i < target.Length; i++) target[i] = typed.Values[start + i].DayNumber - s_epochDay;
                break;
            case Column<DateTime> typed:
                for (var i = 0; i < target.Length; i++) target[i] = (typed.Values[start + i] - DateTime.UnixEpoch).TotalSeconds;
                break;
            default: throw new ArgumentException($"A column of {column.Type} cannot be read as numbers.", nameof(column));
        }

        if (column.NullCount == 0) return;
        for (var row = 0; row < rows; row++)
        {
            if (column.IsNull(start + row)) target.Slice(row * column.Width, column.Width).Fill(double.NaN);
        }
    }

    /// <summary>Copies a whole column as 64-bit floating point.</summary>
    /// <param name="column">The column, of any type but text.</param>
    /// <returns>The numbers, shape (rows × width), as <see cref="CopyTo"/> gives them.</returns>
    /// <exception cref="ArgumentException">The column holds text.</exception>
    public static double[] ToDoubles(Column column)
    {
        ArgumentNullException.ThrowIfNull(column);
        var target = new double[column.Length * column.Width];
        CopyTo(column, 0, target);
        return target;
    }

    private static void Convert<T>(Column<T> column, int start, Span<double> target)
        where T : unmanaged, INumberBase<T>
        => TensorPrimitives.ConvertSaturating<T, double>(column.Values.Slice(start * column.Width, target.Length), target);
}
