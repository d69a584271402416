using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class DatePartKernel(DatePartOperator step) : GraphKernel
{
    private readonly float[][]? _table = step.Encoding == DateEncoding.Number ? null : step.GetTable();
    private readonly int _first = DatePartOperator.GetRange(step.Part).First;

    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var target = workspace.GetRows<float>(graphStep.Outputs[0]);
        if (graphStep.Inputs[0].Type == ElementType.Int64)
        {
            var days = workspace.Get<long>(graphStep.Inputs[0]);
            for (var row = 0; row < days.Length; row++) Write(target[row], DateParts.Of(step.Part, days[row]));
            return;
        }

        var moments = workspace.Get<double>(graphStep.Inputs[0]);
        for (var row = 0; row < moments.Length; row++) Write(target[row], DateParts.Of(step.Part, step.Unit, moments[row]));
    }

    private void Write(Span<float> target, int part)
    {
        if (_table is null) target[0] = part == DateParts.Missing ? float.NaN : part;
        else _table[part == DateParts.Missing ? ^1 : part - _first].CopyTo(target);
    }
}
