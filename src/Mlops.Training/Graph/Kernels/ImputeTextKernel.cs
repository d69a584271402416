using Mlops.Models;

namespace Mlops.Training;

internal sealed class ImputeTextKernel(ImputeTextOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<string>(graphStep.Inputs[0]);
        var target = workspace.Get<string>(graphStep.Outputs[0]);
        for (var i = 0; i < source.Length; i++) target[i] = string.IsNullOrEmpty(source[i]) ? step.Replacement : source[i];
    }
}
