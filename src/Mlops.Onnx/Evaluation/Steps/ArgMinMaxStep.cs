using System.Numerics;

namespace Mlops.Onnx;

/// <summary>ArgMax and ArgMin over the elements of a row; the first of several that are equal.</summary>
internal sealed class ArgMinMaxStep<T>(int input, int width, int output, bool isMax) : EvaluationStep
    where T : unmanaged, INumber<T>
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<T>(input, rows);
        var target = workspace.Get<long>(output, rows);
        for (var row = 0; row < rows; row++)
        {
            var values = source.Slice(row * width, width);
            var best = 0;
            for (var i = 1; i < width; i++)
            {
                if (isMax ? values[i] > values[best] : values[i] < values[best]) best = i;
            }

            target[row] = best;
        }
    }
}
