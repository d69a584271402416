using System.Runtime.CompilerServices;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>The buffers of one evaluation of a graph; used by one call at a time, kept for the next.</summary>
internal sealed class GraphWorkspace(GraphPlan plan)
{
    private readonly Array[] _buffers = new Array[plan.BufferCount];
    private TensorBatch? _inputs;
    private TensorBatch? _outputs;

    public int Rows { get; private set; }

    public void Run(TensorBatch inputs, TensorBatch outputs)
    {
        (_inputs, _outputs, Rows) = (inputs, outputs, inputs.Rows);
        try
        {
            foreach (var step in plan.Steps) step.Kernel.Run(this, step);
        }
        finally
        {
            (_inputs, _outputs) = (null, null);
        }
    }

    /// <summary>Gets a tensor that has rows of its own, row by row without a gap.</summary>
    public Span<T> Get<T>(GraphTensor tensor) => GetElements<T>(tensor);

    /// <summary>Gets a tensor, which may lie inside the rows of a wider one.</summary>
    public TensorRows<T> GetRows<T>(GraphTensor tensor) => new(GetElements<T>(tensor), tensor.Offset, tensor.Stride, tensor.Width);

    /// <summary>Gets a part of the rows of a tensor.</summary>
    public TensorRows<T> GetPart<T>(GraphTensor tensor, int offset, int width) => new(GetElements<T>(tensor), tensor.Offset + offset, tensor.Stride, width);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<T> GetElements<T>(GraphTensor tensor)
    {
        if (tensor.Place == GraphTensorPlace.Input) return _inputs!.Get<T>(tensor.Slot).Span;
        if (tensor.Place == GraphTensorPlace.Output) return _outputs!.Get<T>(tensor.Slot).Span;
        var length = Rows * tensor.Stride;
        if (_buffers[tensor.Slot] is not T[] buffer || buffer.Length < length)
            _buffers[tensor.Slot] = buffer = new T[length];
        return buffer.AsSpan(0, length);
    }
}
