using System.Runtime.InteropServices;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>A constant of a model: its elements as an array of their type; unsigned and small integers as <see cref="long"/>.</summary>
internal sealed class ConstantTensor
{
    private ConstantTensor(ElementType elementType, int[] dimensions, Array elements)
        => (ElementType, Dimensions, Elements) = (elementType, dimensions, elements);

    public ElementType ElementType { get; }

    public int[] Dimensions { get; }

    public Array Elements { get; }

    /// <summary>Reads the elements of a tensor.</summary>
    /// <exception cref="InvalidModelException">There are more or fewer than its dimensions say.</exception>
    /// <exception cref="UnsupportedNodeException">They are of a type that is not known here, or in another file.</exception>
    public static ConstantTensor Read(TensorMessage tensor)
    {
        if (tensor.IsExternal) throw new UnsupportedNodeException($"the constant '{tensor.Name}' lies in another file");
        var length = 1L;
        foreach (var size in tensor.Dimensions)
        {
            if (size < 0 || (size > 0 && length > Array.MaxLength / size)) throw new InvalidModelException($"the constant '{tensor.Name}' has a dimension of {size}");
            length *= size;
        }

        var type = OrtElementTypes.FromOnnx(tensor.ElementType) ?? throw new UnsupportedNodeException($"the constant '{tensor.Name}' is of {OrtElementTypes.NameOf(tensor.ElementType)}");
        Array elements = type switch
        {
            ElementType.Float32 => tensor.Raw is { } raw ? FromRaw<float>(raw) : tensor.Floats.ToArray(),
            ElementType.Float64 => tensor.Raw is { } raw ? FromRaw<double>(raw) : tensor.Doubles.ToArray(),
            ElementType.Int64 => tensor.Raw is { } raw ? FromRaw<long>(raw) : tensor.Integers.ToArray(),
            ElementType.Int32 => tensor.Raw is { } raw ? FromRaw<int>(raw) : tensor.Integers.ConvertAll(value => (int)value).ToArray(),
            ElementType.Boolean => tensor.Raw is { } raw ? Array.ConvertAll(raw, value => value != 0) : tensor.Integers.ConvertAll(value => value != 0).ToArray(),
            ElementType.UInt8 => tensor.Raw is { } raw ? Array.ConvertAll(raw, value => (long)value) : tensor.Integers.ToArray(),
            ElementType.String => tensor.Texts.ToArray(),
            _ => throw new UnsupportedNodeException($"the constant '{tensor.Name}' is of {type}"),
        };
        if (elements.Length != length) throw new InvalidModelException($"the constant '{tensor.Name}' has {elements.Length} elements, but its dimensions ask for {length}");
        return new ConstantTensor(type, [.. tensor.Dimensions.Select(size => (int)size)], elements);
    }

    public static ConstantTensor Of<T>(T[] elements, params int[] dimensions) => new(ElementTypes.Of<T>(), dimensions, elements);

    public double[] ToDoubles() => Elements switch
    {
        float[] values => Array.ConvertAll(values, value => (double)value),
        double[] values => values,
        _ => throw new UnsupportedNodeException($"a constant of {ElementType} is given where numbers belong"),
    };

    public long[] ToIntegers() => Elements switch
    {
        long[] values => values,
        int[] values => Array.ConvertAll(values, value => (long)value),
        _ => throw new UnsupportedNodeException($"a constant of {ElementType} is given where integers belong"),
    };

    private static T[] FromRaw<T>(byte[] raw)
        where T : unmanaged
    {
        var size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        if (raw.Length % size != 0) throw new InvalidModelException($"a constant has {raw.Length} bytes, which are not a whole number of elements");
        if (!BitConverter.IsLittleEndian)
        {
            raw = (byte[])raw.Clone();
            for (var i = 0; i < raw.Length; i += size) Array.Reverse(raw, i, size);
        }

        return MemoryMarshal.Cast<byte, T>(raw).ToArray();
    }
}
