namespace Mlops.Data;

/// <summary>Numbers in the precision of narrower floating-point types.</summary>
internal static class NarrowNumbers
{
    /// <summary>Rounds a number to the nearest that the type holds; what is beyond its range stays as it is.</summary>
    public static double Round(double value, ElementType type)
    {
        var rounded = type switch
        {
            ElementType.Float16 => (double)(Half)value,
            ElementType.Float32 => (float)value,
            _ => value,
        };
        return double.IsInfinity(rounded) ? value : rounded;
    }
}
