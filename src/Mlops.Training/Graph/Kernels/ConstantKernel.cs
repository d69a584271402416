using Mlops.Models;

namespace Mlops.Training;

internal sealed class ConstantKernel(ConstantOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var target = workspace.Get<float>(graphStep.Outputs[0]);
        for (var start = 0; start < target.Length; start += step.Values.Length) step.Values.CopyTo(target[start..]);
    }
}
