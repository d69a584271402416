namespace Mlops.Onnx;

/// <summary>Concat of rows, end to end.</summary>
internal sealed class ConcatStep<T>(int[] inputs, int[] widths, int output) : EvaluationStep
{
    private readonly int _width = widths.Sum();

    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var target = workspace.Get<T>(output, rows);
        var offset = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            var source = workspace.Get<T>(inputs[i], rows);
            for (var row = 0; row < rows; row++) source.Slice(row * widths[i], widths[i]).CopyTo(target[((row * _width) + offset)..]);
            offset += widths[i];
        }
    }
}
