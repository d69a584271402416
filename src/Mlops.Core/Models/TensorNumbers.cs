using System.Numerics;
using System.Numerics.Tensors;

namespace Mlops.Models;

/// <summary>Converts the elements of any numeric tensor to and from 64-bit floating point.</summary>
public static class TensorNumbers
{
    /// <summary>Copies the elements of a numeric tensor as 64-bit floating point. Integers beyond 2⁵³ are rounded.</summary>
    /// <param name="source">The tensor.</param>
    /// <returns>The elements, row-major.</returns>
    /// <exception cref="ArgumentException">The tensor holds text.</exception>
    public static double[] ToDoubles(TensorBuffer source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var target = new double[source.Length];
        CopyTo(source, target);
        return target;
    }

    /// <summary>Copies the elements of a numeric tensor as 64-bit floating point. Integers beyond 2⁵³ are rounded.</summary>
    /// <param name="source">The tensor.</param>
    /// <param name="target">Receives the elements, row-major.</param>
    /// <exception cref="ArgumentException">The tensor holds text, or the target is too short.</exception>
    public static void CopyTo(TensorBuffer source, Span<double> target)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (target.Length < source.Length)
            throw new ArgumentException($"'{source.Spec.Name}' has {source.Length} elements; there is room for {target.Length}.", nameof(target));
        switch (source)
        {
            case TensorBuffer<float> typed: Read(typed, target); break;
            case TensorBuffer<double> typed: typed.Span.CopyTo(target); break;
            case TensorBuffer<bool> typed:
                for (var i = 0; i < typed.Length; i++) target[i] = typed.Span[i] ? 1 : 0;
                break;
            case TensorBuffer<sbyte> typed: Read(typed, target); break;
            case TensorBuffer<short> typed: Read(typed, target); break;
            case TensorBuffer<int> typed: Read(typed, target); break;
            case TensorBuffer<long> typed: Read(typed, target); break;
            case TensorBuffer<byte> typed: Read(typed, target); break;
            case TensorBuffer<ushort> typed: Read(typed, target); break;
            case TensorBuffer<uint> typed: Read(typed, target); break;
            case TensorBuffer<ulong> typed: Read(typed, target); break;
            case TensorBuffer<Half> typed: Read(typed, target); break;
            default: throw NotNumeric(source);
        }
    }

    /// <summary>Fills a numeric tensor from 64-bit floating point; what is out of range becomes the nearest value.</summary>
    /// <param name="source">The elements, row-major, as many as the tensor has.</param>
    /// <param name="target">The tensor.</param>
    /// <exception cref="ArgumentException">The tensor holds text, or has another number of elements.</exception>
    public static void FromDoubles(ReadOnlySpan<double> source, TensorBuffer target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (source.Length != target.Length)
            throw new ArgumentException($"'{target.Spec.Name}' has {target.Length} elements; {source.Length} were given.", nameof(source));
        switch (target)
        {
            case TensorBuffer<float> typed: Write(source, typed); break;
            case TensorBuffer<double> typed: source.CopyTo(typed.Span); break;
            case TensorBuffer<bool> typed:
                for (var i = 0; i < source.Length; i++) typed.Span[i] = source[i] != 0;
                break;
            case TensorBuffer<sbyte> typed: Write(source, typed); break;
            case TensorBuffer<short> typed: Write(source, typed); break;
            case TensorBuffer<int> typed: Write(source, typed); break;
            case TensorBuffer<long> typed: Write(source, typed); break;
            case TensorBuffer<byte> typed: Write(source, typed); break;
            case TensorBuffer<ushort> typed: Write(source, typed); break;
            case TensorBuffer<uint> typed: Write(source, typed); break;
            case TensorBuffer<ulong> typed: Write(source, typed); break;
            case TensorBuffer<Half> typed: Write(source, typed); break;
            default: throw NotNumeric(target);
        }
    }

    private static void Read<T>(TensorBuffer<T> source, Span<double> target)
        where T : INumberBase<T> => TensorPrimitives.ConvertSaturating<T, double>(source.Span, target);

    private static void Write<T>(ReadOnlySpan<double> source, TensorBuffer<T> target)
        where T : INumberBase<T> => TensorPrimitives.ConvertSaturating<double, T>(source, target.Span);

    private static ArgumentException NotNumeric(TensorBuffer buffer) => new($"'{buffer.Spec.Name}' holds {buffer.ElementType}, which is not a number.");
}
