namespace Mlops.Training;

internal sealed class DayOfWeekKernel : GraphKernel
{
    // 1970-01-01 was a Thursday.
    private const int EpochDay = 4;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<long>(graphStep.Inputs[0]);
        var target = workspace.Get<long>(graphStep.Outputs[0]);
        for (var i = 0; i < source.Length; i++) target[i] = (((source[i] + EpochDay) % 7) + 7) % 7;
    }
}
