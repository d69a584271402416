using Mlops.Models;

namespace Mlops.Training;

/// <summary>The buffers of one evaluation of a graph; used by one call at a time, kept for the next.</summary>
internal sealed class GraphWorkspace(GraphPlan plan)
{
    private readonly Array[] _buffers = new Array[plan.WorkspaceTensors.Count];
    private TensorBatch? _inputs;
    private TensorBatch? _outputs;

    public int Rows { get; private set; }

    public void Run(TensorBatch inputs, TensorBatch outputs)
    {
        (_inputs, _outputs, Rows) = (inputs, outputs, inputs.Rows);
        foreach (var step in plan.Steps) step.Kernel.Run(this, step);
        (_inputs, _outputs) = (null, null);
    }

    public Span<T> Get<T>(GraphTensor tensor)
    {
        if (tensor.Place == GraphTensorPlace.Input) return _inputs!.Get<T>(tensor.Slot).Span;
        if (tensor.Place == GraphTensorPlace.Output) return _outputs!.Get<T>(tensor.Slot).Span;
        var length = Rows * tensor.Width;
        if (_buffers[tensor.Slot] is not T[] buffer || buffer.Length < length)
            _buffers[tensor.Slot] = buffer = new T[length];
        return buffer.AsSpan(0, length);
    }

}
