using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>Accumulates the weighted sums from which a linear least squares problem is solved.</summary>
internal sealed class NormalEquations(int features)
{
    private readonly double[] _gram = new double[features * features];
    private readonly double[] _right = new double[features];
    private readonly double[] _sums = new double[features];
    private readonly double[] _row = new double[features];
    private double[]? _shift;
    private double _labelSum;
    private double _labelShift;

    /// <summary>Gets the number of rows.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the sum of weights.</summary>
    public double Weight { get; private set; }

    /// <summary>Gets the weighted mean of the label.</summary>
    public double LabelMean => (_labelSum / Weight) + _labelShift;

    /// <summary>Gets the weighted means of the features, shape (features).</summary>
    public double[] FeatureMeans => [.. _sums.Select((sum, i) => (sum / Weight) + (_shift?[i] ?? 0))];

    public void Add(FeatureBlock block)
    {
        for (var row = 0; row < block.Rows; row++)
        {
            TensorPrimitives.ConvertSaturating<float, double>(block.Row(row), _row);
            Add(block.Labels[row], block.Weights[row]);
        }
    }

    /// <summary>The matrix Σ w (x − x̄)(x − x̄)ᵀ and the vector Σ w (x − x̄)(y − ȳ).</summary>
    public (double[,] Gram, double[] Right) Centre()
    {
        var gram = new double[features, features];
        var right = new double[features];
        for (var i = 0; i < features; i++)
        {
            right[i] = _right[i] - (_sums[i] * _labelSum / Weight);
            for (var j = 0; j <= i; j++)
                gram[i, j] = gram[j, i] = _gram[(i * features) + j] - (_sums[i] * _sums[j] / Weight);
        }

        return (gram, right);
    }

    private void Add(double label, double weight)
    {
        // Sums are taken around the first row, so that a large common offset does not cancel the digits.
        if (_shift is null)
        {
            _shift = [.. _row];
            _labelShift = label;
        }

        TensorPrimitives.Subtract(_row, _shift, _row);
        label -= _labelShift;
        Count++;
        Weight += weight;
        _labelSum += weight * label;
        TensorPrimitives.MultiplyAdd(_row, weight, _sums, _sums);
        TensorPrimitives.MultiplyAdd(_row, weight * label, _right, _right);
        for (var i = 0; i < features; i++)
        {
            var scaled = weight * _row[i];
            if (scaled == 0) continue;
            var target = _gram.AsSpan(i * features, i + 1);
            TensorPrimitives.MultiplyAdd(_row.AsSpan(0, i + 1), scaled, target, target);
        }
    }
}
