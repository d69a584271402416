namespace Mlops.Data;

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    /// <summary>Gets the element type whose values are <typeparamref name="T"/> in memory.</summary>
    /// <typeparam name="T">A primitive number, <see cref="bool"/>, <see cref="Half"/>, <see cref="string"/>, <see cref="DateOnly"/> or <see cref="DateTime"/> (UTC).</typeparam>
    /// <returns>The element type.</returns>
    /// <exception cref="NotSupportedException">No element type has this representation.</exception>
    public static ElementType Of<T>()
    {
        if (typeof(T) == typeof(float)) return ElementType.Float32;
        if (typeof(T) == typeof(double)) return ElementType.Float64;
        if (typeof(T) == typeof(long)) return ElementType.Int64;
        if (typeof(T) == typeof(int)) return ElementType.Int32;
        if (typeof(T) == typeof(bool)) return ElementType.Boolean;
        if (typeof(T) == typeof(string)) return ElementType.String;
        if (typeof(T) == typeof(DateOnly)) return ElementType.Date;
        if (typeof(T) == typeof(DateTime)) return ElementType.Timestamp;
        if (typeof(T) == typeof(Half)) return ElementType.Float16;
        if (typeof(T) == typeof(sbyte)) return ElementType.Int8;
        if (typeof(T) == typeof(short)) return ElementType.Int16;
        if (typeof(T) == typeof(byte)) return ElementType.UInt8;
        if (typeof(T) == typeof(ushort)) return ElementType.UInt16;
        if (typeof(T) == typeof(uint)) return ElementType.UInt32;
        if (typeof(T) == typeof(ulong)) return ElementType.UInt64;
        throw new NotSupportedException($"No element type holds {typeof(T)}; use a primitive number, bool, Half, string, DateOnly or DateTime.");
    }

    /// <summary>Tells whether values of the type are numbers (integers, floating point or <see cref="ElementType.Boolean"/> as 0 and 1).</summary>
    /// <param name="type">The type.</param>
    /// <returns><see langword="true"/> for numbers; <see langword="false"/> for text, dates and timestamps.</returns>
    public static bool IsNumeric(this ElementType type) => type <= ElementType.Float64;

    /// <summary>Tells whether values of the type are floating-point numbers.</summary>
    /// <param name="type">The type.</param>
    /// <returns><see langword="true"/> for <see cref="ElementType.Float16"/>, <see cref="ElementType.Float32"/> and <see cref="ElementType.Float64"/>.</returns>
    public static bool IsFloatingPoint(this ElementType type) => type is ElementType.Float16 or ElementType.Float32 or ElementType.Float64;
}
