using System.Numerics.Tensors;
using Mlops.Models;

namespace Mlops.Training;

internal sealed class LinearClassifierKernel(LinearClassifierOperator step) : GraphKernel
{
    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<float>(graphStep.Inputs[0]);
        var probabilities = workspace.Get<float>(graphStep.Outputs[1]);
        var (width, classes) = (graphStep.Inputs[0].Width, step.ClassCount);
        Span<double> scores = classes <= 64 ? stackalloc double[classes] : new double[classes];
        for (var row = 0; row < workspace.Rows; row++)
        {
            Score(source.Slice(row * width, width), scores);
            // What is no number for one class is none for any.
            if (!double.IsFinite(scores[0])) throw NoFiniteAnswer.In(row, source.Slice(row * width, width), step.FeatureNames);
            var best = 0;
            for (var i = 0; i < classes; i++)
            {
                probabilities[(row * classes) + i] = (float)scores[i];
                if (scores[i] > scores[best]) best = i;
            }

            if (step.TextClasses is { } texts) workspace.Get<string>(graphStep.Outputs[0])[row] = texts[best];
            else workspace.Get<long>(graphStep.Outputs[0])[row] = step.NumberClasses![best];
        }
    }

    private void Score(ReadOnlySpan<float> row, Span<double> probabilities)
    {
        if (step.Coefficients.Length == 1)
        {
            var score = step.Intercepts[0] + LinearAlgebra.Dot(step.Coefficients[0], row);
            probabilities[1] = 1 / (1 + Math.Exp(-score));
            probabilities[0] = 1 / (1 + Math.Exp(score));
            return;
        }

        for (var i = 0; i < probabilities.Length; i++) probabilities[i] = step.Intercepts[i] + LinearAlgebra.Dot(step.Coefficients[i], row);
        var largest = TensorPrimitives.Max<double>(probabilities);
        double sum = 0;
        foreach (ref var value in probabilities)
        {
            value = Math.Exp(value - largest);
            sum += value;
        }

        foreach (ref var value in probabilities) value /= sum;
    }
}
