namespace Mlops.Models;

/// <summary>A part of a date or moment, as a number, one-hot, or as a point on a circle. Int64 or Float64 (rows × 1) → Float32 (rows × <see cref="GetWidth"/>).</summary>
/// <remarks>
/// <para>The input is days (Int64 or Float64) or seconds (Float64) since 1970-01-01T00:00Z; fractions are cut off towards the past. The calendar is the Gregorian one, also before 1582.</para>
/// <para>NaN, and what is outside of the years 1 to 9999, is a missing date: the number is then NaN, one-hot and circle are all 0.</para>
/// </remarks>
/// <param name="Part">The part.</param>
/// <param name="Encoding">How it is written; a <see cref="DatePart.Year"/> only as a number.</param>
/// <param name="Unit">The unit of the input.</param>
public sealed record DatePartOperator(DatePart Part, DateEncoding Encoding = DateEncoding.Number, DateUnit Unit = DateUnit.Days) : GraphOperator
{
    /// <summary>The first day of the year 1, in days since 1970-01-01.</summary>
    public const int FirstDay = -719_162;

    /// <summary>The last day of the year 9999, in days since 1970-01-01.</summary>
    public const int LastDay = 2_932_896;

    /// <summary>Gets the number of elements that it writes for each row.</summary>
    /// <returns>1 for a number, 2 for a point on a circle, and for one-hot the number of values that the part can have.</returns>
    public int GetWidth() => Encoding switch
    {
        DateEncoding.Number => 1,
        DateEncoding.Cyclic => 2,
        _ => GetRange(Part).Count,
    };

    /// <summary>Gets the elements that it writes for each value of the part, in ascending order; a row of zeros for a missing date comes last.</summary>
    /// <returns>The elements, shape ((values + 1) × <see cref="GetWidth"/>).</returns>
    /// <exception cref="ArgumentException">The encoding is <see cref="DateEncoding.Number"/>, which needs no table, or the part is a year.</exception>
    public float[][] GetTable()
    {
        if (Encoding == DateEncoding.Number || Part == DatePart.Year)
            throw new ArgumentException($"{Part} as {Encoding} has no table: a year, and a number, is written as it is.");
        var (count, width) = (GetRange(Part).Count, GetWidth());
        var table = new float[count + 1][];
        for (var i = 0; i <= count; i++)
        {
            table[i] = new float[width];
            if (i == count) break;
            if (Encoding == DateEncoding.OneHot) table[i][i] = 1;
            else (table[i][0], table[i][1]) = ((float)Math.Sin(2 * Math.PI * i / count), (float)Math.Cos(2 * Math.PI * i / count));
        }

        return table;
    }

    /// <summary>Gets the values that a part of a date can have.</summary>
    /// <param name="part">The part.</param>
    /// <returns>The least value, and the number of values.</returns>
    public static (int First, int Count) GetRange(DatePart part) => part switch
    {
        DatePart.Year => (1, 9999),
        DatePart.Quarter => (1, 4),
        DatePart.Month => (1, 12),
        DatePart.Day => (1, 31),
        DatePart.DayOfWeek => (0, 7),
        DatePart.DayOfYear => (1, 366),
        DatePart.Hour => (0, 24),
        DatePart.Minute or DatePart.Second => (0, 60),
        _ => throw new ArgumentOutOfRangeException(nameof(part), part, "There is no such part of a date."),
    };
}
