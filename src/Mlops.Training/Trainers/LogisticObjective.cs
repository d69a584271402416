using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>½‖w‖² + C Σ weight · log loss, with its gradient. Parameters: for each row of coefficients, the coefficients and then the intercept.</summary>
/// <remarks>
/// The rows are cut into parts of fixed size. Each is summed up by itself and the sums are added in the order of the parts, so that the bits do not depend on how
/// many are worked on at the same time.
/// </remarks>
internal sealed class LogisticObjective
{
    private const int PartBlocks = 4;

    private readonly FeatureTable _table;
    private readonly int _features;
    private readonly int _rows;
    private readonly double _c;
    private readonly LogisticPart[] _parts;
    private readonly ParallelOptions _parallel;

    public LogisticObjective(FeatureTable table, int classes, double c, int maxParallelism, CancellationToken cancellationToken)
    {
        _table = table;
        _features = table.Width;
        _rows = classes == 2 ? 1 : classes;
        _c = c;
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = maxParallelism, CancellationToken = cancellationToken };
        _parts = [.. table.Blocks.Chunk(PartBlocks).Select(blocks => new LogisticPart(blocks, _features, _rows, cancellationToken))];
        Scale = Math.Max(double.Epsilon, c * table.Blocks.Sum(block => TensorPrimitives.Sum<double>(block.Weights)));
    }

    public int ParameterCount => _rows * (_features + 1);

    /// <summary>Gets the sum of weights times C: the size of the loss.</summary>
    public double Scale { get; }

    public double Evaluate(ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        var shared = parameters.ToArray();
        if (_parts.Length == 1 || _parallel.MaxDegreeOfParallelism == 1)
        {
            foreach (var part in _parts) part.Evaluate(shared);
        }
        else
        {
            Parallel.ForEach(_parts, _parallel, part => part.Evaluate(shared));
        }

        gradient.Clear();
        double loss = 0;
        foreach (var part in _parts)
        {
            loss += part.Loss;
            TensorPrimitives.Add(gradient, part.Gradient, gradient);
        }

        loss *= _c;
        TensorPrimitives.Multiply(gradient, _c, gradient);
        for (var i = 0; i < _rows; i++)
        {
            var coefficients = parameters.Slice(i * (_features + 1), _features);
            loss += 0.5 * TensorPrimitives.SumOfSquares(coefficients);
            var target = gradient.Slice(i * (_features + 1), _features);
            TensorPrimitives.Add(target, coefficients, target);
        }

        return loss;
    }

    /// <summary>The largest second derivative by each parameter: that of the loss is at most a quarter of the weighted sum of squares.</summary>
    public double[] Curvatures()
    {
        var curvatures = new double[_features + 1];
        var squares = new double[FeatureTable.BlockRows];
        foreach (var block in _table.Blocks)
        {
            for (var i = 0; i < _features; i++)
            {
                var target = squares.AsSpan(0, block.Rows);
                TensorPrimitives.Multiply(block.Feature(i), block.Feature(i), target);
                curvatures[i] += TensorPrimitives.Dot<double>(target, block.Weights);
            }
        }

        for (var i = 0; i < _features; i++) curvatures[i] = 1 + (0.25 * _c * curvatures[i]);
        curvatures[_features] = 0.25 * Scale;
        return [.. Enumerable.Repeat(curvatures, _rows).SelectMany(row => row)];
    }

    public (double[][] Coefficients, double[] Intercepts) Split(double[] parameters)
    {
        var rows = parameters.Chunk(_features + 1).ToArray();
        // Of more classes than two the intercepts are known but for one number added to all: they are given with the mean 0.
        var mean = _rows == 1 ? 0 : rows.Average(row => row[_features]);
        return ([.. rows.Select(row => row[.._features])], [.. rows.Select(row => row[_features] - mean)]);
    }
}
