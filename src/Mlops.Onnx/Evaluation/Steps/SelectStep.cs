namespace Mlops.Onnx;

/// <summary>Gather and ArrayFeatureExtractor: some elements of each row.</summary>
internal sealed class SelectStep<T>(int input, int width, int output, int[] indices) : EvaluationStep
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<T>(input, rows);
        var target = workspace.Get<T>(output, rows);
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < indices.Length; i++) target[(row * indices.Length) + i] = source[(row * width) + indices[i]];
        }
    }
}
