using Mlops.Models;

namespace Mlops.Training;

internal sealed class ScaleKernel(ScaleOperator step) : GraphKernel
{
    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.GetRows<float>(graphStep.Inputs[0]);
        var target = workspace.GetRows<float>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++)
        {
            var from = source[row];
            var to = target[row];
            var offsets = step.Offsets.AsSpan();
            var scales = step.Scales.AsSpan();
            for (var i = 0; i < to.Length && i < from.Length && i < offsets.Length && i < scales.Length; i++)
                to[i] = (from[i] - offsets[i]) * scales[i];
        }
    }
}
