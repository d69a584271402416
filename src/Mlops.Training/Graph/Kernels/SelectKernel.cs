using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class SelectKernel(SelectOperator step) : GraphKernel
{
    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        switch (graphStep.Inputs[0].Type)
        {
            case ElementType.Float32: Run<float>(workspace, graphStep); break;
            case ElementType.Float64: Run<double>(workspace, graphStep); break;
            case ElementType.Int64: Run<long>(workspace, graphStep); break;
            default: Run<string>(workspace, graphStep); break;
        }
    }

    private void Run<T>(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.GetRows<T>(graphStep.Inputs[0]);
        var target = workspace.GetRows<T>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++)
        {
            var from = source[row];
            var to = target[row];
            for (var i = 0; i < to.Length; i++) to[i] = from[step.Indices[i]];
        }
    }
}
