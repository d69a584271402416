using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class SelectKernel(SelectOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        switch (graphStep.Inputs[0].Type)
        {
            case ElementType.Float32: Run<float>(workspace, graphStep); break;
            case ElementType.Int64: Run<long>(workspace, graphStep); break;
            default: Run<string>(workspace, graphStep); break;
        }
    }

    private void Run<T>(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<T>(graphStep.Inputs[0]);
        var target = workspace.Get<T>(graphStep.Outputs[0]);
        var (from, to) = (graphStep.Inputs[0].Width, graphStep.Outputs[0].Width);
        for (var row = 0; row < workspace.Rows; row++)
        {
            for (var i = 0; i < to; i++) target[(row * to) + i] = source[(row * from) + step.Indices[i]];
        }
    }
}
