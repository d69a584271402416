namespace Mlops.Onnx;

/// <summary>Scaler: (x − offset) · scale, in the precision of the input, written in single precision.</summary>
internal sealed class ScaleStep<T>(int input, int width, int output, float[] offsets, float[] scales, Func<T, float, float, float> scale) : EvaluationStep
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<T>(input, rows);
        var target = workspace.Get<float>(output, rows);
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < width; i++)
            {
                var k = offsets.Length == 1 ? 0 : i;
                target[(row * width) + i] = scale(source[(row * width) + i], offsets[k], scales[k]);
            }
        }
    }
}
