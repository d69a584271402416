using System.Numerics;

namespace Mlops.Data;

/// <summary>Converts numbers where the value stays what it is, but for the rounding of floating point.</summary>
internal static class NumberConversion
{
    public static bool IsFloatingPoint<T>() => typeof(T) == typeof(double) || typeof(T) == typeof(float) || typeof(T) == typeof(Half);

    public static bool TryConvert<T>(long value, out T converted)
        where T : INumber<T>
    {
        converted = T.CreateSaturating(value);
        return IsFloatingPoint<T>() || (long.CreateSaturating(converted) == value && T.IsNegative(converted) == value < 0);
    }

    public static bool TryConvert<T>(double value, out T converted)
        where T : INumber<T>
    {
        converted = T.CreateSaturating(value);
        if (IsFloatingPoint<T>()) return true;
        // 2^63 and 2^64 saturate to a neighbour that rounds back to them.
        var limit = typeof(T) == typeof(ulong) ? 18446744073709551616.0 : 9223372036854775808.0;
        return double.IsInteger(value) && value < limit && double.CreateSaturating(converted) == value;
    }
}
