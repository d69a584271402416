using System.Numerics;

namespace Mlops.Data;

/// <summary>Appends numbers; not those that are outside the type's range, nor fractions to integers.</summary>
internal sealed class NumberAppender<T>(ColumnSchema schema, int capacity) : ColumnAppender<T>(schema, capacity)
    where T : unmanaged, INumber<T>, IUtf8SpanParsable<T>
{
    public override bool TryAppendText(ReadOnlySpan<byte> utf8) => FieldText.TryParseNumber<T>(utf8, out var value) && Append(value);

    public override bool TryAppend(bool value) => Append(value ? T.One : T.Zero);

    public override bool TryAppend(long value) => NumberConversion.TryConvert<T>(value, out var converted) && Append(converted);

    public override bool TryAppend(ulong value)
    {
        var converted = T.CreateSaturating(value);
        return (NumberConversion.IsFloatingPoint<T>() || ulong.CreateSaturating(converted) == value) && Append(converted);
    }

    public override bool TryAppend(decimal value)
    {
        if (NumberConversion.IsFloatingPoint<T>()) return Append(T.CreateSaturating(value));
        var converted = T.CreateSaturating(value);
        return decimal.CreateSaturating(converted) == value && Append(converted);
    }

    public override bool TryAppend(double value) => NumberConversion.TryConvert<T>(value, out var converted) && Append(converted);
}
