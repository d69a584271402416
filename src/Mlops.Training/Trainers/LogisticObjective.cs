using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>½‖w‖² + C Σ weight · log loss, with its gradient. Parameters: for each row of coefficients, the coefficients and then the intercept.</summary>
internal sealed class LogisticObjective(IReadOnlyList<FeatureBlock> blocks, int features, int classes, double c)
{
    private readonly int _rows = classes == 2 ? 1 : classes;
    private readonly double[] _features = new double[features];
    private readonly double[] _scores = new double[classes == 2 ? 1 : classes];

    public int ParameterCount => _rows * (features + 1);

    /// <summary>Gets the sum of weights times C: the size of the loss.</summary>
    public double Scale { get; } = Math.Max(double.Epsilon, c * blocks.Sum(block => block.Weights.Sum()));

    public double Evaluate(ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        gradient.Clear();
        double loss = 0;
        foreach (var block in blocks)
        {
            for (var row = 0; row < block.Rows; row++)
            {
                TensorPrimitives.ConvertSaturating<float, double>(block.Row(row), _features);
                var weight = c * block.Weights[row];
                loss += weight * (_rows == 1 ? AddBinary(parameters, gradient, block.Labels[row], weight) : AddMultinomial(parameters, gradient, (int)block.Labels[row], weight));
            }
        }

        for (var i = 0; i < _rows; i++)
        {
            var coefficients = parameters.Slice(i * (features + 1), features);
            loss += 0.5 * TensorPrimitives.SumOfSquares(coefficients);
            var target = gradient.Slice(i * (features + 1), features);
            TensorPrimitives.Add(target, coefficients, target);
        }

        return loss;
    }

    public (double[][] Coefficients, double[] Intercepts) Split(double[] parameters)
    {
        var rows = parameters.Chunk(features + 1).ToArray();
        return ([.. rows.Select(row => row[..features])], [.. rows.Select(row => row[features])]);
    }

    private double AddBinary(ReadOnlySpan<double> parameters, Span<double> gradient, double label, double weight)
    {
        var score = Score(parameters, 0);
        Accumulate(gradient, 0, weight * (Sigmoid(score) - label));
        // log(1 + e^−|s|) never overflows.
        return Math.Log(1 + Math.Exp(-Math.Abs(score))) + Math.Max(0, label == 1 ? -score : score);
    }

    private double AddMultinomial(ReadOnlySpan<double> parameters, Span<double> gradient, int label, double weight)
    {
        for (var i = 0; i < _rows; i++) _scores[i] = Score(parameters, i);
        var largest = TensorPrimitives.Max<double>(_scores);
        double sum = 0;
        foreach (var score in _scores) sum += Math.Exp(score - largest);
        var logSum = largest + Math.Log(sum);
        for (var i = 0; i < _rows; i++) Accumulate(gradient, i, weight * (Math.Exp(_scores[i] - logSum) - (i == label ? 1 : 0)));
        return logSum - _scores[label];
    }

    private double Score(ReadOnlySpan<double> parameters, int row)
    {
        var part = parameters.Slice(row * (features + 1), features + 1);
        return TensorPrimitives.Dot(part[..features], _features) + part[features];
    }

    private void Accumulate(Span<double> gradient, int row, double factor)
    {
        var part = gradient.Slice(row * (features + 1), features + 1);
        TensorPrimitives.MultiplyAdd(_features, factor, part[..features], part[..features]);
        part[features] += factor;
    }

    private static double Sigmoid(double score) => score >= 0 ? 1 / (1 + Math.Exp(-score)) : Math.Exp(score) / (1 + Math.Exp(score));
}
