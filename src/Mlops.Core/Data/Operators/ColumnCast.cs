using System.Numerics;
using System.Numerics.Tensors;

namespace Mlops.Data;

/// <summary>Casts columns to other types.</summary>
/// <remarks>
/// A value keeps its meaning or the cast of it fails: integers stay exact, and only floating point may be rounded, to narrower floating point. Booleans are
/// 0 and 1, dates days and timestamps seconds since 1970-01-01; texts are read as those of files are.
/// </remarks>
internal sealed class ColumnCast
{
    private const int LongestText = 64;
    private readonly Column _column;
    private readonly CastSource _source;
    private ValidityBuilder _nulls;
    private int _firstFailure = -1;

    private ColumnCast(Column column) => (_column, _source) = (column, CastSource.Create(column));

    private int Elements => _column.Length * _column.Width;

    /// <summary>Tells whether some value of a type has the same meaning in another.</summary>
    public static bool CanCast(ElementType from, ElementType to, int width)
    {
        if (from == to) return true;
        if (width > 1) return from.IsNumeric() && to.IsNumeric();
        // Neither is a day true or false, nor do narrow floating-point numbers have digits enough for a moment.
        return !(IsTime(from) && IsTooNarrow(to)) && !(IsTime(to) && IsTooNarrow(from));

        static bool IsTime(ElementType type) => type is ElementType.Date or ElementType.Timestamp;
        static bool IsTooNarrow(ElementType type) => type is ElementType.Boolean or ElementType.Float16 or ElementType.Float32;
    }

    /// <summary>Casts a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="to">The type.</param>
    /// <returns>The column, without a value where the cast failed, and the first row where it did; -1 where it never did.</returns>
    public static (Column Column, int FirstFailure) Convert(Column column, ElementType to)
    {
        if (Widen(column, to) is { } widened) return (widened, -1);
        if (column is TextColumn { IsDictionaryEncoded: true } text && text.EntryCount < text.Length) return ConvertEntries(text, to);
        var cast = new ColumnCast(column);
        return (cast.Convert(to), cast._firstFailure);
    }

    // Where every value of one type is one of the other, whole columns are converted at once.
    private static Column? Widen(Column column, ElementType to) => (column, to) switch
    {
        (Column<int> typed, ElementType.Int64) => Widen<int, long>(typed),
        (Column<short> typed, ElementType.Int64) => Widen<short, long>(typed),
        (Column<byte> typed, ElementType.Int64) => Widen<byte, long>(typed),
        (Column<int> typed, ElementType.Float64) => Widen<int, double>(typed),
        (Column<short> typed, ElementType.Float64) => Widen<short, double>(typed),
        (Column<byte> typed, ElementType.Float64) => Widen<byte, double>(typed),
        (Column<float> typed, ElementType.Float64) => Widen<float, double>(typed),
        (Column<Half> typed, ElementType.Float64) => Widen<Half, double>(typed),
        (Column<Half> typed, ElementType.Float32) => Widen<Half, float>(typed),
        _ => null,
    };

    private static Column<TTo> Widen<TFrom, TTo>(Column<TFrom> column)
        where TFrom : unmanaged, INumberBase<TFrom>
        where TTo : unmanaged, INumberBase<TTo>
    {
        var values = new TTo[column.Values.Length];
        TensorPrimitives.ConvertTruncating(column.Values, values.AsSpan());
        return new Column<TTo>(values, column.Validity.ToArray(), column.Width);
    }

    // Each text of a dictionary is cast once.
    private static (Column Column, int FirstFailure) ConvertEntries(TextColumn column, ElementType to)
    {
        var entries = new ColumnCast(column.Entries).Convert(to);
        var codes = column.Codes.ToArray();
        var firstFailure = -1;
        for (var row = 0; row < codes.Length; row++)
        {
            if (column.IsNull(row)) codes[row] = -1;
            else if (firstFailure < 0 && entries.IsNull(codes[row])) firstFailure = row;
        }

        return (entries.TakeOrNull(codes), firstFailure);
    }

    private Column Convert(ElementType to) => to switch
    {
        ElementType.Boolean => Make((int element, out bool value) => _source.TryGetBoolean(element, out value)),
        ElementType.Int8 => MakeIntegers<sbyte>(),
        ElementType.Int16 => MakeIntegers<short>(),
        ElementType.Int32 => MakeIntegers<int>(),
        ElementType.Int64 => MakeIntegers<long>(),
        ElementType.UInt8 => MakeIntegers<byte>(),
        ElementType.UInt16 => MakeIntegers<ushort>(),
        ElementType.UInt32 => MakeIntegers<uint>(),
        ElementType.UInt64 => MakeIntegers<ulong>(),
        ElementType.Float16 => MakeFloats<Half>(),
        ElementType.Float32 => MakeFloats<float>(),
        ElementType.Float64 => MakeFloats<double>(),
        ElementType.Date => Make((int element, out DateOnly value) => _source.TryGetDate(element, out value)),
        ElementType.Timestamp => Make((int element, out DateTime value) => _source.TryGetTimestamp(element, out value)),
        ElementType.String => MakeTexts(),
        _ => throw new NotSupportedException($"Nothing can be cast to {to}."),
    };

    private Column<T> MakeIntegers<T>()
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var (least, most) = (Int128.CreateTruncating(T.MinValue), Int128.CreateTruncating(T.MaxValue));
        return Make((int element, out T value) =>
        {
            var isWithin = _source.TryGetInteger(element, out var number) && number >= least && number <= most;
            value = isWithin ? T.CreateTruncating(number) : default;
            return isWithin;
        });
    }

    private Column<T> MakeFloats<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        => _source.IsInteger
            ? Make((int element, out T value) =>
            {
                _source.TryGetInteger(element, out var number);
                value = T.CreateSaturating(number);
                return T.IsFinite(value) && Int128.CreateSaturating(value) == number;
            })
            : Make((int element, out T value) =>
            {
                var isNumber = _source.TryGetFloat(element, out var number);
                value = T.CreateSaturating(number);
                return isNumber && (T.IsFinite(value) || !double.IsFinite(number));
            });

    private TextColumn MakeTexts()
    {
        var builder = new TextColumnBuilder(_column.Length);
        Span<byte> text = stackalloc byte[LongestText];
        for (var row = 0; row < _column.Length; row++)
        {
            if (_column.IsNull(row)) builder.AppendNull();
            else builder.Append(text[.._source.Format(row, text)]);
        }

        return builder.Build();
    }

    private Column<T> Make<T>(TryGet<T> tryGet)
        where T : unmanaged
    {
        var values = new T[Elements];
        for (var element = 0; element < values.Length; element++)
        {
            var row = element / _column.Width;
            if (_column.IsNull(row))
            {
                _nulls.MarkNull(row);
            }
            else if (!tryGet(element, out values[element]))
            {
                _nulls.MarkNull(row);
                if (_firstFailure < 0) _firstFailure = row;
            }
        }

        return new Column<T>(values, _nulls.Build(_column.Length), _column.Width);
    }

    private delegate bool TryGet<T>(int element, out T value);
}
