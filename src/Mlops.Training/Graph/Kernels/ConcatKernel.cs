namespace Mlops.Training;

internal sealed class ConcatKernel : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var target = workspace.Get<float>(graphStep.Outputs[0]);
        var width = graphStep.Outputs[0].Width;
        var offset = 0;
        foreach (var input in graphStep.Inputs)
        {
            var source = workspace.Get<float>(input);
            for (var row = 0; row < workspace.Rows; row++)
                source.Slice(row * input.Width, input.Width).CopyTo(target.Slice((row * width) + offset, input.Width));
            offset += input.Width;
        }
    }
}
