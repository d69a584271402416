using System.Collections.Frozen;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class OneHotKernel(OneHotOperator step) : GraphKernel
{
    private readonly FrozenDictionary<long, int> _positions = step.Categories.Index().ToFrozenDictionary(pair => pair.Item, pair => pair.Index);

    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<long>(graphStep.Inputs[0]);
        var target = workspace.GetRows<float>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++)
        {
            var to = target[row];
            to.Clear();
            if (_positions.TryGetValue(source[row], out var position)) to[position] = 1;
        }
    }
}
