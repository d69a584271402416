using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>ONNX's numbers for element types (TensorProto.DataType, and ONNXTensorElementDataType of the C API, which agree).</summary>
internal static class OrtElementTypes
{
    public const int Float32 = 1;
    public const int Int64 = 7;
    public const int Text = 8;
    public const int Float64 = 11;

    public static int ToOnnx(ElementType type) => type switch
    {
        ElementType.Float32 => Float32,
        ElementType.UInt8 => 2,
        ElementType.Int8 => 3,
        ElementType.UInt16 => 4,
        ElementType.Int16 => 5,
        ElementType.Int32 => 6,
        ElementType.Int64 => Int64,
        ElementType.String => Text,
        ElementType.Boolean => 9,
        ElementType.Float16 => 10,
        ElementType.Float64 => Float64,
        ElementType.UInt32 => 12,
        ElementType.UInt64 => 13,
        _ => throw new ArgumentException($"{type} is not a tensor type: a date is Int64 days, a timestamp Float64 seconds, since 1970-01-01.", nameof(type)),
    };

    public static ElementType? FromOnnx(int type) => type switch
    {
        Float32 => ElementType.Float32,
        2 => ElementType.UInt8,
        3 => ElementType.Int8,
        4 => ElementType.UInt16,
        5 => ElementType.Int16,
        6 => ElementType.Int32,
        Int64 => ElementType.Int64,
        Text => ElementType.String,
        9 => ElementType.Boolean,
        10 => ElementType.Float16,
        Float64 => ElementType.Float64,
        12 => ElementType.UInt32,
        13 => ElementType.UInt64,
        _ => null,
    };

    /// <summary>The name of a type that no <see cref="ElementType"/> stands for.</summary>
    public static string NameOf(int type) => type switch
    {
        14 => "complex64",
        15 => "complex128",
        16 => "bfloat16",
        17 or 18 or 19 or 20 => "float8",
        21 => "uint4",
        22 => "int4",
        _ => $"element type {type}",
    };

    /// <summary>The size of an element in bytes.</summary>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.Boolean or ElementType.Int8 or ElementType.UInt8 => 1,
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 => 2,
        ElementType.Int32 or ElementType.UInt32 or ElementType.Float32 => 4,
        _ => 8,
    };
}
