using System.Numerics.Tensors;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class ScaleKernel(ScaleOperator step) : FloatingPointKernel
{
    /// <summary>Below, a loop is faster than two calls.</summary>
    private const int VectorWidth = 8;

    private readonly NumberParameters _offsets = new(step.Offsets);
    private readonly NumberParameters _scales = new(step.Scales);

    protected override void RunRow<T>(ReadOnlySpan<T> source, Span<T> target)
    {
        var offsets = _offsets.Get<T>();
        var scales = _scales.Get<T>();
        if (source.Length >= VectorWidth)
        {
            TensorPrimitives.Subtract(source, offsets, target);
            TensorPrimitives.Multiply(target, scales, target);
            return;
        }

        for (var i = 0; i < target.Length && i < source.Length && i < offsets.Length && i < scales.Length; i++) target[i] = (source[i] - offsets[i]) * scales[i];
    }
}
