using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Mlops.Data;

/// <summary>Appends .NET values to columns, and knows which columns they make.</summary>
internal static class ClrValue
{
    /// <summary>Finds the element type that holds the values of a .NET type.</summary>
    /// <returns>The element type; <see langword="null"/> when there is none. Decimals are <see cref="ElementType.Float64"/>; enumerations, identifiers and durations texts.</returns>
    public static ElementType? FindType(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum || type == typeof(string) || type == typeof(char) || type == typeof(Guid) || type == typeof(TimeSpan) || type == typeof(TimeOnly)) return ElementType.String;
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset)) return ElementType.Timestamp;
        if (type == typeof(DateOnly)) return ElementType.Date;
        if (type == typeof(Half)) return ElementType.Float16;
        return Type.GetTypeCode(type) switch
        {
            TypeCode.Boolean => ElementType.Boolean,
            TypeCode.SByte => ElementType.Int8,
            TypeCode.Int16 => ElementType.Int16,
            TypeCode.Int32 => ElementType.Int32,
            TypeCode.Int64 => ElementType.Int64,
            TypeCode.Byte => ElementType.UInt8,
            TypeCode.UInt16 => ElementType.UInt16,
            TypeCode.UInt32 => ElementType.UInt32,
            TypeCode.UInt64 => ElementType.UInt64,
            TypeCode.Single => ElementType.Float32,
            TypeCode.Double or TypeCode.Decimal => ElementType.Float64,
            _ => null,
        };
    }

    /// <summary>Finds the element type of a vector's elements.</summary>
    public static ElementType? FindVectorType(Type type)
    {
        if (type == typeof(float[]) || type == typeof(ReadOnlyMemory<float>) || type == typeof(Memory<float>)) return ElementType.Float32;
        return type == typeof(double[]) || type == typeof(ReadOnlyMemory<double>) || type == typeof(Memory<double>) ? ElementType.Float64 : null;
    }

    /// <summary>Appends a value that is not <see langword="null"/>.</summary>
    public static bool TryAppend<T>(T value, ColumnAppender column)
    {
        // The tests of types are settled when the code is compiled for T; nothing is boxed.
        if (typeof(T) == typeof(double)) return column.TryAppend(Unsafe.As<T, double>(ref value));
        if (typeof(T) == typeof(float)) return column.TryAppend(Unsafe.As<T, float>(ref value));
        if (typeof(T) == typeof(long)) return column.TryAppend(Unsafe.As<T, long>(ref value));
        if (typeof(T) == typeof(int)) return column.TryAppend((long)Unsafe.As<T, int>(ref value));
        if (typeof(T) == typeof(bool)) return column.TryAppend(Unsafe.As<T, bool>(ref value));
        if (typeof(T) == typeof(DateTime)) return column.TryAppend(ToUtc(Unsafe.As<T, DateTime>(ref value)));
        if (typeof(T) == typeof(DateOnly)) return column.TryAppend(Unsafe.As<T, DateOnly>(ref value));
        return value switch
        {
            double number => column.TryAppend(number),
            float number => column.TryAppend(number),
            long number => column.TryAppend(number),
            int number => column.TryAppend((long)number),
            bool flag => column.TryAppend(flag),
            string text => TryAppendText(text, column),
            DateTime moment => column.TryAppend(ToUtc(moment)),
            DateTimeOffset moment => column.TryAppend(moment.UtcDateTime),
            DateOnly day => column.TryAppend(day),
            decimal number => column.TryAppend(number),
            ulong number => column.TryAppend(number),
            uint number => column.TryAppend((long)number),
            short number => column.TryAppend((long)number),
            ushort number => column.TryAppend((long)number),
            sbyte number => column.TryAppend((long)number),
            byte number => column.TryAppend((long)number),
            Half number => column.TryAppend((double)number),
            float[] vector => column.TryAppendVector(vector),
            double[] vector => column.TryAppendVector(vector),
            ReadOnlyMemory<float> vector => column.TryAppendVector(vector.Span),
            ReadOnlyMemory<double> vector => column.TryAppendVector(vector.Span),
            Memory<float> vector => column.TryAppendVector((ReadOnlySpan<float>)vector.Span),
            Memory<double> vector => column.TryAppendVector((ReadOnlySpan<double>)vector.Span),
            TimeSpan duration => TryAppendText(duration.ToString("c", CultureInfo.InvariantCulture), column),
            IFormattable other => TryAppendText(other.ToString(null, CultureInfo.InvariantCulture), column),
            _ => TryAppendText(value?.ToString() ?? "", column),
        };
    }

    /// <summary>Writes a value as text that can be read back.</summary>
    public static string? ToText(object? value) => value switch
    {
        null or DBNull => null,
        float[] vector => $"[{string.Join(", ", vector.Select(element => element.ToString("R", CultureInfo.InvariantCulture)))}]",
        double[] vector => $"[{string.Join(", ", vector.Select(element => element.ToString("R", CultureInfo.InvariantCulture)))}]",
        ReadOnlyMemory<float> vector => ToText(vector.ToArray()),
        byte[] bytes => Convert.ToBase64String(bytes),
        DateTime moment => moment.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.ToString("O", CultureInfo.InvariantCulture),
        DateOnly day => day.ToString("O", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    /// <summary>Writes a row as a JSON object of texts.</summary>
    public static string ToText(IEnumerable<(string Column, object? Value)> row)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (column, value) in row) writer.WriteString(column, ToText(value));
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>A time of unknown zone is taken as UTC.</summary>
    private static DateTime ToUtc(DateTime value) => value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : DateTime.SpecifyKind(value, DateTimeKind.Utc);

    private static bool TryAppendText(string text, ColumnAppender column)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> buffer = length <= 512 ? stackalloc byte[512] : new byte[length];
        return column.TryAppendText(buffer[..Encoding.UTF8.GetBytes(text, buffer)]);
    }
}
