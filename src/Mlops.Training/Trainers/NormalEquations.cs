using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>Accumulates the weighted sums from which a linear least squares problem is solved.</summary>
/// <remarks>The label and a column of ones are columns beside the features, so that one matrix of products holds every sum. Rows go through a tile that fits the cache.</remarks>
internal sealed class NormalEquations
{
    private const int TileRows = 128;

    private readonly int _features;
    private readonly double[] _gram;
    private readonly double[] _tile;
    private readonly double[] _weighted;
    private readonly double[] _weights = new double[TileRows];
    private readonly int _columns;
    private double[]? _shift;
    private int _rows;

    public NormalEquations(int features)
    {
        _features = features;
        _columns = (features + 2 + 3) / 4 * 4;
        _gram = new double[_columns * _columns];
        _tile = new double[_columns * TileRows];
        _weighted = new double[_columns * TileRows];
    }

    /// <summary>Gets the number of rows.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the sum of weights; complete after <see cref="Close"/>.</summary>
    public double Weight => Sum(One, One);

    /// <summary>Gets whether no sum has overflowed.</summary>
    public bool IsFinite => TensorPrimitives.IsFiniteAll<double>(_gram);

    /// <summary>Gets the weighted mean of the label.</summary>
    public double LabelMean => (Sum(One, Label) / Weight) + _shift![Label];

    private int Label => _features;

    private int One => _features + 1;

    /// <summary>Gets the weighted mean of a feature.</summary>
    public double MeanOf(int feature) => (Sum(One, feature) / Weight) + _shift![feature];

    public void Add(FeatureBlock block)
    {
        if (block.Rows == 0) return;
        // Sums are taken around the first row, so that a large common offset does not cancel the digits.
        if (_shift is null)
        {
            _shift = new double[_features + 1];
            for (var i = 0; i < _features; i++) _shift[i] = block.Feature(i)[0];
            _shift[Label] = block.Labels[0];
        }

        Count += block.Rows;
        for (var start = 0; start < block.Rows;)
        {
            var taken = Math.Min(TileRows - _rows, block.Rows - start);
            for (var i = 0; i < _features; i++) TensorPrimitives.Subtract(block.Feature(i).Slice(start, taken), _shift[i], _tile.AsSpan((i * TileRows) + _rows, taken));
            TensorPrimitives.Subtract(block.Labels.AsSpan(start, taken), _shift[Label], _tile.AsSpan((Label * TileRows) + _rows, taken));
            _tile.AsSpan((One * TileRows) + _rows, taken).Fill(1);
            block.Weights.AsSpan(start, taken).CopyTo(_weights.AsSpan(_rows));
            start += taken;
            _rows += taken;
            if (_rows == TileRows) Flush();
        }
    }

    /// <summary>Ends the accumulation.</summary>
    public void Close()
    {
        if (_rows == 0) return;
        _weights.AsSpan(_rows).Clear();
        for (var i = 0; i < _columns; i++) _tile.AsSpan((i * TileRows) + _rows, TileRows - _rows).Clear();
        Flush();
    }

    /// <summary>The matrix Σ w (x − x̄)(x − x̄)ᵀ, shape (features × features), and the vector Σ w (x − x̄)(y − ȳ), shape (features).</summary>
    public (double[] Gram, double[] Right) Centre()
    {
        var gram = new double[_features * _features];
        var right = new double[_features];
        for (var i = 0; i < _features; i++)
        {
            right[i] = Centred(Label, i);
            for (var j = 0; j <= i; j++) gram[(i * _features) + j] = gram[(j * _features) + i] = Centred(i, j);
        }

        return (gram, right);
    }

    private double Centred(int i, int j) => Sum(i, j) - (Sum(One, i) / Weight * Sum(One, j));

    private double Sum(int i, int j) => _gram[(i * _columns) + j];

    private void Flush()
    {
        var left = _tile;
        if (_weights.AsSpan().ContainsAnyExcept(1.0))
        {
            left = _weighted;
            for (var i = 0; i < _features + 2; i++) TensorPrimitives.Multiply(_tile.AsSpan(i * TileRows, TileRows), _weights, _weighted.AsSpan(i * TileRows, TileRows));
        }

        BlockMath.AddGram(left, _tile, TileRows, _gram);
        _rows = 0;
    }
}
