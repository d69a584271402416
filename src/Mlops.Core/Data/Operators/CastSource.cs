using System.Globalization;
using System.Numerics;

namespace Mlops.Data;

/// <summary>The elements of a column as a cast sees them: each as whatever it can be without loss.</summary>
internal abstract class CastSource
{
    protected static readonly int EpochDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>Gets whether every element is an integer, which a floating-point number must then hold exactly.</summary>
    public virtual bool IsInteger => false;

    /// <summary>Creates the view of a column.</summary>
    public static CastSource Create(Column column) => column switch
    {
        Column<double> typed => new FloatCastSource<double>(typed),
        Column<float> typed => new FloatCastSource<float>(typed),
        Column<Half> typed => new FloatCastSource<Half>(typed),
        Column<long> typed => new IntegerCastSource<long>(typed),
        Column<int> typed => new IntegerCastSource<int>(typed),
        Column<short> typed => new IntegerCastSource<short>(typed),
        Column<sbyte> typed => new IntegerCastSource<sbyte>(typed),
        Column<ulong> typed => new IntegerCastSource<ulong>(typed),
        Column<uint> typed => new IntegerCastSource<uint>(typed),
        Column<ushort> typed => new IntegerCastSource<ushort>(typed),
        Column<byte> typed => new IntegerCastSource<byte>(typed),
        Column<bool> typed => new BooleanCastSource(typed),
        Column<DateOnly> typed => new DateCastSource(typed),
        Column<DateTime> typed => new TimestampCastSource(typed),
        TextColumn text => new TextCastSource(text),
        _ => throw new NotSupportedException($"A column of {column.Type} cannot be cast."),
    };

    public abstract bool TryGetInteger(int element, out Int128 value);

    public abstract bool TryGetFloat(int element, out double value);

    public virtual bool TryGetBoolean(int element, out bool value)
    {
        value = TryGetInteger(element, out var number) && number == 1;
        return value || (TryGetInteger(element, out number) && number == 0);
    }

    public virtual bool TryGetDate(int element, out DateOnly value)
    {
        value = default;
        if (!TryGetInteger(element, out var days) || days < -EpochDay || days > DateOnly.MaxValue.DayNumber - EpochDay) return false;
        value = DateOnly.FromDayNumber(EpochDay + (int)days);
        return true;
    }

    public virtual bool TryGetTimestamp(int element, out DateTime value)
    {
        value = default;
        if (!TryGetInteger(element, out var seconds)) return false;
        var ticks = (seconds * TimeSpan.TicksPerSecond) + DateTime.UnixEpoch.Ticks;
        return TryMakeTimestamp(ticks, out value);
    }

    /// <summary>Writes an element as text.</summary>
    /// <returns>The number of bytes written.</returns>
    public abstract int Format(int element, Span<byte> utf8);

    protected static bool TryMakeTimestamp(Int128 ticks, out DateTime value)
    {
        var isMoment = ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
        value = isMoment ? new DateTime((long)ticks, DateTimeKind.Utc) : default;
        return isMoment;
    }

    protected static int Format<T>(T value, string? format, Span<byte> utf8)
        where T : IUtf8SpanFormattable
        => value.TryFormat(utf8, out var written, format, CultureInfo.InvariantCulture) ? written : throw new InvalidOperationException("A value takes more text than expected.");
}

internal sealed class IntegerCastSource<T>(Column<T> column) : CastSource
    where T : unmanaged, IBinaryInteger<T>
{
    public override bool IsInteger => true;

    public override bool TryGetInteger(int element, out Int128 value)
    {
        value = Int128.CreateTruncating(column.Values[element]);
        return true;
    }

    public override bool TryGetFloat(int element, out double value) => throw new InvalidOperationException("Integers are read as such.");

    public override int Format(int element, Span<byte> utf8) => Format(column.Values[element], null, utf8);
}

internal sealed class FloatCastSource<T>(Column<T> column) : CastSource
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public override bool TryGetInteger(int element, out Int128 value)
    {
        value = Int128.CreateSaturating(column.Values[element]);
        // No element type reaches beyond these, so that saturation is never taken for the number itself.
        return T.IsInteger(column.Values[element]) && value > long.MinValue * (Int128)2 && value < ulong.MaxValue * (Int128)2;
    }

    public override bool TryGetFloat(int element, out double value)
    {
        value = double.CreateSaturating(column.Values[element]);
        return true;
    }

    public override bool TryGetTimestamp(int element, out DateTime value)
    {
        value = default;
        var seconds = double.CreateSaturating(column.Values[element]);
        if (!(Math.Abs(seconds) < 1e12)) return false;
        // Whole seconds apart from their fraction: the product would have more digits than a double.
        var whole = Math.Floor(seconds);
        var ticks = ((long)whole * TimeSpan.TicksPerSecond) + (long)Math.Round((seconds - whole) * TimeSpan.TicksPerSecond);
        return TryMakeTimestamp(ticks + (Int128)DateTime.UnixEpoch.Ticks, out value);
    }

    public override int Format(int element, Span<byte> utf8) => Format(column.Values[element], null, utf8);
}

internal sealed class BooleanCastSource(Column<bool> column) : CastSource
{
    public override bool IsInteger => true;

    public override bool TryGetInteger(int element, out Int128 value)
    {
        value = column.Values[element] ? 1 : 0;
        return true;
    }

    public override bool TryGetFloat(int element, out double value) => throw new InvalidOperationException("Booleans are read as integers.");

    public override int Format(int element, Span<byte> utf8)
    {
        var text = column.Values[element] ? "true"u8 : "false"u8;
        text.CopyTo(utf8);
        return text.Length;
    }
}

internal sealed class DateCastSource(Column<DateOnly> column) : CastSource
{
    public override bool IsInteger => true;

    public override bool TryGetInteger(int element, out Int128 value)
    {
        value = column.Values[element].DayNumber - EpochDay;
        return true;
    }

    public override bool TryGetFloat(int element, out double value) => throw new InvalidOperationException("Days are read as integers.");

    public override bool TryGetTimestamp(int element, out DateTime value)
    {
        value = column.Values[element].ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        return true;
    }

    public override int Format(int element, Span<byte> utf8) => Format(column.Values[element], "yyyy-MM-dd", utf8);
}

internal sealed class TimestampCastSource(Column<DateTime> column) : CastSource
{
    public override bool TryGetInteger(int element, out Int128 value)
    {
        var (seconds, rest) = Math.DivRem(column.Values[element].Ticks - DateTime.UnixEpoch.Ticks, TimeSpan.TicksPerSecond);
        value = seconds;
        return rest == 0;
    }

    public override bool TryGetFloat(int element, out double value)
    {
        value = (column.Values[element] - DateTime.UnixEpoch).TotalSeconds;
        return true;
    }

    public override bool TryGetDate(int element, out DateOnly value)
    {
        value = DateOnly.FromDateTime(column.Values[element]);
        return column.Values[element].TimeOfDay == TimeSpan.Zero;
    }

    public override int Format(int element, Span<byte> utf8) => Format(column.Values[element], "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", utf8);
}

internal sealed class TextCastSource(TextColumn column) : CastSource
{
    public override bool TryGetInteger(int element, out Int128 value) => FieldText.TryParseNumber(column.GetUtf8(element), out value);

    public override bool TryGetFloat(int element, out double value)
    {
        var text = column.GetUtf8(element);
        // A number too large becomes infinite when it is parsed; digits tell it from the word.
        return FieldText.TryParseNumber(text, out value) && (double.IsFinite(value) || !text.ContainsAnyInRange((byte)'0', (byte)'9'));
    }

    public override bool TryGetBoolean(int element, out bool value) => FieldText.TryParseBoolean(column.GetUtf8(element), out value);

    public override bool TryGetDate(int element, out DateOnly value) => FieldText.TryParseDate(column.GetUtf8(element), out value);

    public override bool TryGetTimestamp(int element, out DateTime value) => FieldText.TryParseTimestamp(column.GetUtf8(element), out value);

    public override int Format(int element, Span<byte> utf8) => throw new InvalidOperationException("Texts are not cast to texts.");
}
