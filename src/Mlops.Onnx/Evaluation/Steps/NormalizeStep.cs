namespace Mlops.Onnx;

/// <summary>Normalizer, with the arithmetic of ONNX Runtime.</summary>
internal sealed class NormalizeStep(int input, int width, int output, VectorNorm norm) : EvaluationStep
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<float>(input, rows);
        var target = workspace.Get<float>(output, rows);
        for (var row = 0; row < rows; row++) Normalize(source.Slice(row * width, width), target.Slice(row * width, width));
    }

    private void Normalize(ReadOnlySpan<float> source, Span<float> target)
    {
        var size = norm == VectorNorm.Max ? float.MinValue : 0f;
        foreach (var value in source)
        {
            size = norm switch
            {
                // A comparison with NaN is false: what is no number does not count.
                VectorNorm.Max => size < value ? value : size,
                VectorNorm.L1 => size + Math.Abs(value),
                _ => size + (value * value),
            };
        }

        for (var i = 0; i < target.Length; i++)
        {
            var value = source[i];
            if (size == 0) target[i] = value;
            else if (norm != VectorNorm.L2) target[i] = value / size;
            else target[i] = value < 0 ? -MathF.Sqrt(value * value / size) : MathF.Sqrt(value * value / size);
        }
    }
}

/// <summary>By what a row is divided.</summary>
internal enum VectorNorm
{
    Max,
    L1,
    L2,
}
