using Mlops.Models;

namespace Mlops.Training;

internal sealed class ImputeKernel(ImputeOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<float>(graphStep.Inputs[0]);
        var target = workspace.Get<float>(graphStep.Outputs[0]);
        var width = step.Replacements.Length;
        for (int i = 0, column = 0; i < source.Length; i++)
        {
            target[i] = float.IsNaN(source[i]) ? step.Replacements[column] : source[i];
            if (++column == width) column = 0;
        }
    }
}
