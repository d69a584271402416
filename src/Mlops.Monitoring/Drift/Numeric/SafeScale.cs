using System.Numerics.Tensors;

namespace Mlops.Monitoring;

/// <summary>Brings values of extreme size to one where their squares neither overflow nor vanish. Powers of two change no digit.</summary>
internal static class SafeScale
{
    private const int LargestExponent = 200;

    /// <summary>Gets the exponent of the power of two that values must be multiplied by; mostly 0.</summary>
    public static int GetExponent(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        var largest = Math.Max(GetLargest(x), GetLargest(y));
        if (!(largest > 0) || double.IsInfinity(largest)) return 0;
        var exponent = Math.ILogB(largest);
        return Math.Abs(exponent) <= LargestExponent ? 0 : -exponent;
    }

    /// <summary>Multiplies values in place.</summary>
    public static void Apply(Span<double> values, int exponent)
    {
        if (exponent == 0) return;
        foreach (ref var value in values) value = Math.ScaleB(value, exponent);
    }

    /// <summary>Gets multiplied values; those given where the exponent is 0.</summary>
    public static double[] Multiply(double[] values, int exponent)
    {
        if (exponent == 0) return values;
        double[] multiplied = [.. values];
        Apply(multiplied, exponent);
        return multiplied;
    }

    private static double GetLargest(ReadOnlySpan<double> values) => values.IsEmpty ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude(values));
}
