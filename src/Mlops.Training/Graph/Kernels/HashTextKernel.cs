using Mlops.Models;

namespace Mlops.Training;

internal sealed class HashTextKernel(HashTextOperator step) : GraphKernel
{
    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<string>(graphStep.Inputs[0]);
        var target = workspace.GetRows<float>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++)
        {
            var to = target[row];
            to.Clear();
            if (string.IsNullOrEmpty(source[row])) continue;
            var (bucket, sign) = TextHash.Of(source[row], step.Buckets);
            to[bucket] = step.IsSigned ? sign : 1;
        }
    }
}
