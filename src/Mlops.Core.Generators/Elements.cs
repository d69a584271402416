namespace Mlops.Core.Generators;

/// <summary>Facts about elements.</summary>
internal static class Elements
{
    private static readonly string[] s_names =
    [
        "bool", "sbyte", "short", "int", "long", "byte", "ushort", "uint", "ulong", "global::System.Half", "float", "double", "string",
        "global::System.DateOnly", "global::System.DateTime", "global::System.DateTimeOffset",
    ];

    /// <summary>How the type is written in C#.</summary>
    public static string Name(this Element element) => s_names[(int)element];

    public static bool IsFloatingPoint(this Element element) => element is Element.Float16 or Element.Float32 or Element.Float64;

    public static bool IsInteger(this Element element) => element is >= Element.Int8 and <= Element.UInt64;

    /// <summary>Whether it is a number or a truth value.</summary>
    public static bool IsNumeric(this Element element) => element <= Element.Float64;

    /// <summary>Whether tensors have such elements.</summary>
    public static bool IsTensor(this Element element) => element <= Element.String;

    /// <summary>The element of a tensor that holds a property by itself.</summary>
    public static Element Natural(this Element property) => property switch
    {
        Element.Date => Element.Int64,
        Element.Timestamp or Element.OffsetTimestamp => Element.Float64,
        _ => property,
    };

    /// <summary>Whether a tensor holds the values of a property: integers hold each one whole, floating-point numbers may round, and are infinite beyond their range.</summary>
    public static bool CanHold(this Element tensor, Element property) => property switch
    {
        _ when tensor == property.Natural() => true,
        Element.String or Element.Timestamp or Element.OffsetTimestamp => false,
        Element.Boolean => tensor.IsNumeric(),
        Element.Date => tensor is Element.Int32 or Element.Float32 or Element.Float64,
        _ => tensor.IsFloatingPoint() || (property.IsInteger() && tensor.IsInteger() && HoldsEvery(tensor, property)),
    };

    private static bool HoldsEvery(Element tensor, Element property)
        => IsSigned(tensor) == IsSigned(property) ? Bits(tensor) >= Bits(property) : IsSigned(tensor) && Bits(tensor) > Bits(property);

    private static bool IsSigned(Element integer) => integer <= Element.Int64;

    private static int Bits(Element integer) => 8 << ((int)integer - (int)(IsSigned(integer) ? Element.Int8 : Element.UInt8));
}
