using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Evaluates a graph as the doc comments of its operators say, row by row in double precision; written to be obviously right, not fast.</summary>
internal static class ReferenceEvaluator
{
    /// <summary>Evaluates one row.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="row">The elements of each input: doubles, longs or texts.</param>
    /// <returns>The elements of each tensor.</returns>
    public static Dictionary<string, object[]> Evaluate(ModelGraph graph, IReadOnlyDictionary<string, object[]> row)
    {
        var tensors = new Dictionary<string, object[]>(row);
        foreach (var node in graph.Nodes)
        {
            var x = tensors[node.Inputs[0]];
            switch (node.Operator)
            {
                case SelectOperator select: tensors[node.Output] = [.. select.Indices.Select(index => x[index])]; break;
                case ImputeOperator impute: tensors[node.Output] = [.. x.Select((value, i) => double.IsNaN((double)value) ? (double)impute.Replacements[i] : value)]; break;
                case ImputeTextOperator impute: tensors[node.Output] = [(string)x[0] == "" ? impute.Replacement : x[0]]; break;
                case ScaleOperator scale: tensors[node.Output] = [.. x.Select((value, i) => (object)(((double)value - scale.Offsets[i]) * scale.Scales[i]))]; break;
                case DayOfWeekOperator: tensors[node.Output] = [(long)new DateOnly(1970, 1, 1).AddDays((int)(long)x[0]).DayOfWeek]; break;
                case OneHotOperator oneHot: tensors[node.Output] = [.. oneHot.Categories.Select(category => (object)(category == (long)x[0] ? 1.0 : 0.0))]; break;
                case OneHotTextOperator oneHot: tensors[node.Output] = [.. oneHot.Categories.Select(category => (object)(category == (string)x[0] ? 1.0 : 0.0))]; break;
                case ConcatOperator: tensors[node.Output] = [.. node.Inputs.SelectMany(name => tensors[name])]; break;
                case LinearRegressorOperator regressor: tensors[node.Output] = [Score(regressor.Coefficients, regressor.Intercept, x)]; break;
                case LinearClassifierOperator classifier:
                    var probabilities = Classify(classifier, x);
                    var best = Array.IndexOf(probabilities, probabilities.Max());
                    tensors[node.Outputs[0]] = [classifier.TextClasses is { } texts ? texts[best] : classifier.NumberClasses![best]];
                    tensors[node.Outputs[1]] = [.. probabilities.Select(probability => (object)probability)];
                    break;
                case ConstantOperator constant: tensors[node.Output] = [.. constant.Values.Select(value => (object)(double)value)]; break;
                case KMeansOperator means:
                    var distances = means.Centroids.Select(centroid => Math.Sqrt(centroid.Select((value, i) => Math.Pow((double)x[i] - value, 2)).Sum())).ToArray();
                    tensors[node.Outputs[0]] = [(long)Array.IndexOf(distances, distances.Min())];
                    tensors[node.Outputs[1]] = [.. distances.Select(distance => (object)distance)];
                    break;
                default: throw new NotSupportedException(node.Operator.GetType().Name);
            }
        }

        return tensors;
    }

    private static double[] Classify(LinearClassifierOperator classifier, object[] x)
    {
        var scores = classifier.Coefficients.Select((row, i) => Score(row, classifier.Intercepts[i], x)).ToArray();
        if (scores.Length == 1 && classifier.ClassCount == 2) return [1 / (1 + Math.Exp(scores[0])), 1 / (1 + Math.Exp(-scores[0]))];
        var powers = scores.Select(score => Math.Exp(score - scores.Max())).ToArray();
        return [.. powers.Select(power => power / powers.Sum())];
    }

    private static double Score(double[] coefficients, double intercept, object[] x)
        => intercept + coefficients.Select((coefficient, i) => coefficient * (double)x[i]).Sum();
}
