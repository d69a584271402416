using System.Collections.Frozen;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class OneHotTextKernel(OneHotTextOperator step) : GraphKernel
{
    private readonly FrozenDictionary<string, int> _positions = step.Categories.Index().ToFrozenDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);

    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<string>(graphStep.Inputs[0]);
        var target = workspace.GetRows<float>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++)
        {
            var to = target[row];
            to.Clear();
            if (_positions.TryGetValue(source[row] ?? "", out var position)) to[position] = 1;
            else if (step.Unseen == UnseenCategory.Other) to[^1] = 1;
            else if (step.Unseen == UnseenCategory.Refuse && !string.IsNullOrEmpty(source[row])) throw UnseenText.In(graphStep.InputName, row);
        }
    }
}
