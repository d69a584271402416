using System.Numerics.Tensors;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class ScaleKernel(ScaleOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<float>(graphStep.Inputs[0]);
        var target = workspace.Get<float>(graphStep.Outputs[0]);
        var width = step.Offsets.Length;
        for (var start = 0; start < source.Length; start += width)
        {
            var row = target.Slice(start, width);
            TensorPrimitives.Subtract(source.Slice(start, width), step.Offsets, row);
            TensorPrimitives.Multiply(row, step.Scales, row);
        }
    }
}
