using System.Numerics;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Works on numbers element by element, in the precision of its input.</summary>
internal abstract class FloatingPointKernel : GraphKernel
{
    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        if (graphStep.Inputs[0].Type == ElementType.Float64) RunRows<double>(workspace, graphStep);
        else RunRows<float>(workspace, graphStep);
    }

    protected abstract void RunRow<T>(ReadOnlySpan<T> source, Span<T> target)
        where T : unmanaged, IFloatingPointIeee754<T>;

    private void RunRows<T>(GraphWorkspace workspace, GraphStep graphStep)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var source = workspace.GetRows<T>(graphStep.Inputs[0]);
        var target = workspace.GetRows<T>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++) RunRow<T>(source[row], target[row]);
    }
}
