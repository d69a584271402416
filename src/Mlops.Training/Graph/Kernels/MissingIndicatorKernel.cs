namespace Mlops.Training;

internal sealed class MissingIndicatorKernel : GraphKernel
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
            for (var i = 0; i < to.Length && i < from.Length; i++) to[i] = float.IsNaN(from[i]) ? 1 : 0;
        }
    }
}
