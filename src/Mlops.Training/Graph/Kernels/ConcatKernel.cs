namespace Mlops.Training;

internal sealed class ConcatKernel : GraphKernel
{
    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var output = graphStep.Outputs[0];
        var offset = output.Offset;
        foreach (var input in graphStep.Inputs)
        {
            // What was written into its part already is not copied.
            if (input.Place != output.Place || input.Slot != output.Slot) Copy(workspace, input, output with { Offset = offset, Width = input.Width });
            offset += input.Width;
        }
    }

    private static void Copy(GraphWorkspace workspace, GraphTensor input, GraphTensor part)
    {
        var source = workspace.GetRows<float>(input);
        var target = workspace.GetRows<float>(part);
        for (var row = 0; row < workspace.Rows; row++) source[row].CopyTo(target[row]);
    }
}
