using System.Numerics;

namespace Mlops.Onnx;

/// <summary>Imputer: a value that stands for a missing one, perhaps NaN, is replaced.</summary>
internal sealed class ImputeStep<T>(int input, int width, int output, T missing, T[] replacements) : EvaluationStep
    where T : unmanaged, INumber<T>
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<T>(input, rows);
        var target = workspace.Get<T>(output, rows);
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < width; i++)
            {
                var value = source[(row * width) + i];
                var isMissing = value == missing || (T.IsNaN(value) && T.IsNaN(missing));
                target[(row * width) + i] = isMissing ? replacements[replacements.Length == width ? i : 0] : value;
            }
        }
    }
}
