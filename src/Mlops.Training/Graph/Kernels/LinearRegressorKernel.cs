using Mlops.Models;

namespace Mlops.Training;

internal sealed class LinearRegressorKernel(LinearRegressorOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<float>(graphStep.Inputs[0]);
        var target = workspace.Get<float>(graphStep.Outputs[0]);
        var width = step.Coefficients.Length;
        for (var row = 0; row < target.Length; row++)
        {
            target[row] = (float)(step.Intercept + LinearAlgebra.Dot(step.Coefficients, source.Slice(row * width, width)));
            if (!float.IsFinite(target[row])) throw NoFiniteAnswer.In(row, source.Slice(row * width, width), step.FeatureNames);
        }
    }
}
