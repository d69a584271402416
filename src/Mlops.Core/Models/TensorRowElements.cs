using System.ComponentModel;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Mlops.Models;

/// <summary>What the code generated for a <see cref="TensorRowAttribute"/> calls; not made for other callers. Errors name the column and no value.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class TensorRowElements
{
    private static readonly int s_epochDay = new DateOnly(1970, 1, 1).DayNumber;
    private static readonly double s_firstMicrosecond = -Math.Floor(DateTime.UnixEpoch.Ticks / (double)TimeSpan.TicksPerMicrosecond);
    private static readonly double s_lastMicrosecond = Math.Floor((DateTime.MaxValue.Ticks - DateTime.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerMicrosecond) - 64;

    /// <summary>Gets the elements of one row.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="batch">The batch.</param>
    /// <param name="slot">The slot, from 0.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="width">The number of elements that a row must have.</param>
    /// <returns>The elements.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="InvalidOperationException">The slot holds elements of another type, or has more or fewer in each row.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Span<T> Of<T>(TensorBatch batch, int slot, int row, int width)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var buffer = batch.Get<T>(slot);
        var elements = buffer.Span;
        // A multiplication, where asking for the width would divide; the product decides both for the number of rows and for the width.
        if ((uint)row >= (uint)batch.Rows || (long)batch.Rows * width != elements.Length) ThrowNoRow(buffer, batch.Rows, row, width);
        return elements.Slice(row * width, width);
    }

    /// <summary>Writes a vector.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="target">Receives the elements.</param>
    /// <param name="values">The elements, exactly as many.</param>
    /// <param name="column">The column, for the message.</param>
    /// <param name="row">The row, for the message.</param>
    /// <exception cref="ArgumentException">There are more or fewer elements.</exception>
    public static void Write<T>(Span<T> target, ReadOnlySpan<T> values, string column, int row)
    {
        if (values.Length != target.Length)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"'{column}' takes {target.Length} elements in each row; {values.Length} were given for row {row}."), nameof(values));
        values.CopyTo(target);
    }

    /// <summary>Tells whether a vector is missing: all its elements are NaN.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="elements">The elements.</param>
    /// <returns>Whether it is missing.</returns>
    public static bool IsMissing<T>(ReadOnlySpan<T> elements)
        where T : INumberBase<T>
    {
        foreach (var element in elements)
        {
            if (!T.IsNaN(element)) return false;
        }

        return true;
    }

    /// <summary>Tells whether a vector of texts is missing: all of them are empty.</summary>
    /// <param name="elements">The elements.</param>
    /// <returns>Whether it is missing.</returns>
    public static bool IsMissing(ReadOnlySpan<string> elements)
    {
        foreach (var element in elements)
        {
            if (!string.IsNullOrEmpty(element)) return false;
        }

        return true;
    }

    /// <summary>Converts a number to a type that may be unable to hold it.</summary>
    /// <typeparam name="TFrom">The type of the tensor.</typeparam>
    /// <typeparam name="TTo">The type of the property.</typeparam>
    /// <param name="value">The number.</param>
    /// <param name="column">The column, for the message.</param>
    /// <returns>The same number.</returns>
    /// <exception cref="DataFormatException">The type cannot hold it, or it is missing.</exception>
    public static TTo ToExact<TFrom, TTo>(TFrom value, string column)
        where TFrom : INumberBase<TFrom>
        where TTo : INumberBase<TTo>
    {
        CheckPresent(value, column);
        var result = TTo.CreateSaturating(value);
        return TFrom.CreateSaturating(result) == value ? result : throw Unreadable(column, $"The number does not fit into {typeof(TTo).Name}. Give the property a type that holds it.");
    }

    /// <summary>Converts a number to a truth value.</summary>
    /// <typeparam name="T">The type of the tensor.</typeparam>
    /// <param name="value">The number.</param>
    /// <param name="column">The column, for the message.</param>
    /// <returns>Whether it is not 0.</returns>
    /// <exception cref="DataFormatException">It is missing.</exception>
    public static bool ToBoolean<T>(T value, string column)
        where T : INumberBase<T>
    {
        CheckPresent(value, column);
        return !T.IsZero(value);
    }

    /// <summary>Converts a day to the number that it is in tensors.</summary>
    /// <param name="day">The day.</param>
    /// <returns>The days since 1970-01-01.</returns>
    public static long FromDate(DateOnly day) => day.DayNumber - s_epochDay;

    /// <summary>Converts a number of a tensor to the day that it is.</summary>
    /// <param name="days">The days since 1970-01-01.</param>
    /// <param name="column">The column, for the message.</param>
    /// <returns>The day.</returns>
    /// <exception cref="DataFormatException">It is no day of the calendar.</exception>
    public static DateOnly ToDate(long days, string column)
        => days >= DateOnly.MinValue.DayNumber - s_epochDay && days <= DateOnly.MaxValue.DayNumber - s_epochDay
            ? DateOnly.FromDayNumber((int)days + s_epochDay)
            : throw Unreadable(column, "The number is no day from the year 1 to 9999, counted from 1970-01-01.");

    /// <summary>Converts a moment to the number that it is in tensors.</summary>
    /// <param name="moment">The moment; UTC where it does not say.</param>
    /// <returns>The seconds since 1970-01-01T00:00Z.</returns>
    public static double FromMoment(DateTime moment)
        => ((moment.Kind == DateTimeKind.Local ? moment.ToUniversalTime() : moment) - DateTime.UnixEpoch).TotalSeconds;

    /// <summary>Converts a number of a tensor to the moment that it is.</summary>
    /// <param name="seconds">The seconds since 1970-01-01T00:00Z.</param>
    /// <param name="column">The column, for the message.</param>
    /// <returns>The moment, in UTC.</returns>
    /// <exception cref="DataFormatException">It is missing, or none of the calendar.</exception>
    public static DateTime ToMoment(double seconds, string column)
    {
        CheckPresent(seconds, column);
        // Sixty-four bits hold the seconds of our time to a fifth of a microsecond, so that is as near as the moment can be.
        var microseconds = Math.Round(seconds * 1e6);
        return microseconds >= s_firstMicrosecond && microseconds <= s_lastMicrosecond
            ? DateTime.UnixEpoch.AddTicks((long)microseconds * TimeSpan.TicksPerMicrosecond)
            : throw Unreadable(column, "The number is no moment from the year 1 to 9999, in seconds since 1970-01-01.");
    }

    private static void CheckPresent<T>(T value, string column)
        where T : INumberBase<T>
    {
        if (T.IsNaN(value)) throw Unreadable(column, "The value is missing (NaN), which the property cannot say. Make it nullable.");
    }

    private static DataFormatException Unreadable(string column, string problem) => new("The row", 0, column, problem);

    private static void ThrowNoRow<T>(TensorBuffer<T> buffer, int rows, int row, int width)
    {
        if ((uint)row >= (uint)rows) throw new ArgumentOutOfRangeException(nameof(row), row, string.Create(CultureInfo.InvariantCulture, $"'{buffer.Spec.Name}' has {rows} rows."));
        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture, $"'{buffer.Spec.Name}' is {buffer.ElementType}[{string.Join(", ", buffer.Shape.ToArray())}] in a batch of {rows} rows; {width} elements in each row were expected."));
    }
}
