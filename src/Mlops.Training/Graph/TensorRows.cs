using System.Runtime.CompilerServices;

namespace Mlops.Training;

/// <summary>The rows of a tensor, which may lie inside the rows of a wider one.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
internal readonly ref struct TensorRows<T>(Span<T> elements, int offset, int stride, int width)
{
    private readonly Span<T> _elements = elements;

    /// <summary>Gets the number of elements in each row.</summary>
    public int Width => width;

    /// <summary>Gets a row.</summary>
    public Span<T> this[int row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _elements.Slice(offset + (row * stride), width);
    }
}
