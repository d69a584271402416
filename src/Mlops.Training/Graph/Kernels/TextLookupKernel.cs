using System.Collections.Frozen;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class TextLookupKernel(TextLookupOperator step) : GraphKernel
{
    private readonly FrozenDictionary<string, float[]> _values = step.Categories.Index().ToFrozenDictionary(pair => pair.Item, pair => step.Values[pair.Index], StringComparer.Ordinal);

    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<string>(graphStep.Inputs[0]);
        var target = workspace.GetRows<float>(graphStep.Outputs[0]);
        for (var row = 0; row < workspace.Rows; row++)
        {
            float[]? values;
            if (string.IsNullOrEmpty(source[row])) values = step.Missing;
            else if (!_values.TryGetValue(source[row], out values)) values = step.Unseen ?? throw UnseenText.In(graphStep.InputName, row);
            values.CopyTo(target[row]);
        }
    }
}
