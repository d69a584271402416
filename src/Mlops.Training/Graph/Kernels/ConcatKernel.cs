using System.Numerics.Tensors;
using Mlops.Data;

namespace Mlops.Training;

internal sealed class ConcatKernel : GraphKernel
{
    public override bool WritesRows => true;

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var output = graphStep.Outputs[0];
        var offset = 0;
        foreach (var input in graphStep.Inputs)
        {
            if (input.Type == ElementType.Float64) Narrow(workspace, input, output, offset);
            // What was written into its part already is not copied.
            else if (input.Place != output.Place || input.Slot != output.Slot) Copy(workspace, input, output, offset);
            offset += input.Width;
        }
    }

    private static void Copy(GraphWorkspace workspace, GraphTensor input, GraphTensor output, int offset)
    {
        var source = workspace.GetRows<float>(input);
        var target = workspace.GetPart<float>(output, offset, input.Width);
        for (var row = 0; row < workspace.Rows; row++) source[row].CopyTo(target[row]);
    }

    private static void Narrow(GraphWorkspace workspace, GraphTensor input, GraphTensor output, int offset)
    {
        if (input.Width == output.Stride)
        {
            TensorPrimitives.ConvertSaturating<double, float>(workspace.Get<double>(input), workspace.Get<float>(output));
            return;
        }

        var source = workspace.GetRows<double>(input);
        var target = workspace.GetPart<float>(output, offset, input.Width);
        for (var row = 0; row < workspace.Rows; row++)
        {
            var from = source[row];
            var to = target[row];
            for (var i = 0; i < to.Length && i < from.Length; i++) to[i] = (float)from[i];
        }
    }
}
