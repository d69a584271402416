using System.Runtime.CompilerServices;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>The tensors of one evaluation, a block of rows at a time; used by one call at a time, kept for the next.</summary>
internal sealed class EvaluationWorkspace
{
    private readonly Array[] _values;
    private readonly int[] _widths;

    public EvaluationWorkspace(IReadOnlyList<EvaluationSlot> slots, int blockRows)
    {
        _values = new Array[slots.Count];
        _widths = new int[slots.Count];
        for (var i = 0; i < slots.Count; i++)
        {
            _widths[i] = slots[i].Width;
            _values[i] = Allocate(slots[i].ElementType, blockRows * slots[i].Width);
        }
    }

    /// <summary>Gets the elements of a slot, row by row without a gap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Get<T>(int slot, int rows) => Unsafe.As<T[]>(_values[slot]).AsSpan(0, rows * _widths[slot]);

    /// <summary>Forgets the texts of a caller.</summary>
    public void ClearTexts()
    {
        foreach (var value in _values)
        {
            if (value is string[] texts) Array.Clear(texts);
        }
    }

    private static Array Allocate(ElementType type, int length) => type switch
    {
        ElementType.Float32 => new float[length],
        ElementType.Float64 => new double[length],
        ElementType.Int64 => new long[length],
        ElementType.Int32 => new int[length],
        ElementType.Boolean => new bool[length],
        ElementType.String => new string[length],
        _ => throw new InvalidOperationException($"The evaluator has no tensors of {type}."),
    };
}

/// <summary>What the workspace holds for each row of one tensor.</summary>
internal readonly record struct EvaluationSlot(ElementType ElementType, int Width);
