using System.Numerics;
using Mlops.Data;

namespace Mlops.Training;

internal sealed class MissingIndicatorKernel : GraphKernel
{
    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        if (graphStep.Inputs[0].Type == ElementType.Float64) Run<double>(workspace, graphStep);
        else Run<float>(workspace, graphStep);
    }

    private static void Run<T>(GraphWorkspace workspace, GraphStep graphStep)
        where T : unmanaged, INumberBase<T>
    {
        var source = workspace.GetRows<T>(graphStep.Inputs[0]);
        var target = workspace.GetRows<float>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++)
        {
            var from = source[row];
            var to = target[row];
            for (var i = 0; i < to.Length && i < from.Length; i++) to[i] = T.IsNaN(from[i]) ? 1 : 0;
        }
    }
}
