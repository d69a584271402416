using System.Numerics.Tensors;

namespace Mlops.Onnx;

/// <summary>LinearRegressor and LinearClassifier, in single precision.</summary>
/// <remarks>Source: operator schemas of ai.onnx.ml 1, onnx.ai/onnx/operators; where they are vague, linearclassifier.cc of ONNX Runtime 1.30.</remarks>
internal sealed class LinearStep(int input, int width, int output, float[] coefficients, float[] intercepts) : EvaluationStep
{
    private readonly int _targets = coefficients.Length / width;

    /// <summary>Gets or sets what becomes of the scores.</summary>
    public PostTransform PostTransform { get; init; }

    /// <summary>Gets or sets what writes the classes; <see langword="null"/> for a regression.</summary>
    public ClassWriter? Classes { get; init; }

    /// <summary>Gets or sets whether the one score becomes those of two classes.</summary>
    public bool HasSecondClass { get; init; }

    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var features = workspace.Get<float>(input, rows);
        var target = workspace.Get<float>(output, rows);
        var columns = HasSecondClass ? 2 : _targets;
        for (var row = 0; row < rows; row++)
        {
            var scores = target.Slice(row * columns, columns);
            var x = features.Slice(row * width, width);
            for (var i = 0; i < _targets; i++)
                scores[i] = TensorPrimitives.Dot(x, coefficients.AsSpan(i * width, width)) + (intercepts.Length > 0 ? intercepts[i] : 0);
            Classes?.Write(workspace, row, rows, FindClass(scores[.._targets]));
            Transform(scores);
        }
    }

    private static int FindClass(ReadOnlySpan<float> scores)
    {
        if (scores.Length == 1) return scores[0] > 0 ? 1 : 0;
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best]) best = i;
        }

        return best;
    }

    private void Transform(Span<float> scores)
    {
        if (_targets > 1) PostTransforms.Apply(PostTransform, scores);
        else if (PostTransform == PostTransform.Probit) scores[0] = PostTransforms.Probit(scores[0]);
        else if (HasSecondClass && PostTransform == PostTransform.Logistic) (scores[0], scores[1]) = (PostTransforms.Logistic(-scores[0]), PostTransforms.Logistic(scores[0]));
        else if (HasSecondClass) (scores[0], scores[1]) = (1 - scores[0], scores[0]);
    }
}
