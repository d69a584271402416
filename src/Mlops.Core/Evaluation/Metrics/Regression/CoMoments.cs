namespace Mlops.Evaluation;

/// <summary>Weighted means, spreads and the common spread of two numbers. Mergeable to rounding.</summary>
/// <remarks>
/// Numbers are counted from the first one, so that those far from 0 keep their digits; whether a number is constant is told by its extremes, not by rounding.
/// Source: T. F. Chan, G. H. Golub, R. J. LeVeque (1979).
/// </remarks>
internal struct CoMoments()
{
    private double _weight;
    private double _originX;
    private double _originY;
    private double _meanX;
    private double _meanY;
    private double _minX = double.PositiveInfinity;
    private double _maxX = double.NegativeInfinity;
    private double _minY = double.PositiveInfinity;
    private double _maxY = double.NegativeInfinity;
    private double _commonSpread;

    /// <summary>Gets Σ w (x − mean)² of the first number.</summary>
    public double SpreadX { get; private set; }

    /// <summary>Gets that of the second number.</summary>
    public double SpreadY { get; private set; }

    /// <summary>Gets whether the first number never changes.</summary>
    public readonly bool IsConstantX => _minX == _maxX;

    /// <summary>Gets Pearson's correlation.</summary>
    public readonly MetricValue Correlation
        => _weight == 0 ? MetricValue.Undefined(RegressionMoments.NoRow)
            : _minX == _maxX || _minY == _maxY ? MetricValue.Undefined("labels or predictions are constant")
            : SpreadX > 0 && SpreadY > 0 ? Math.Clamp(_commonSpread / Math.Sqrt(SpreadX) / Math.Sqrt(SpreadY), -1, 1)
            : MetricValue.Undefined("labels or predictions are as good as constant");

    public void Add(double x, double y, double weight)
    {
        if (_weight == 0) (_originX, _originY) = (x, y);
        Combine(x - _originX - _meanX, y - _originY - _meanY, weight);
        (_minX, _maxX) = (Math.Min(_minX, x), Math.Max(_maxX, x));
        (_minY, _maxY) = (Math.Min(_minY, y), Math.Max(_maxY, y));
    }

    public void Merge(in CoMoments other)
    {
        if (other._weight == 0) return;
        if (_weight == 0)
        {
            this = other;
            return;
        }

        Combine(other._originX - _originX + (other._meanX - _meanX), other._originY - _originY + (other._meanY - _meanY), other._weight);
        SpreadX += other.SpreadX;
        SpreadY += other.SpreadY;
        _commonSpread += other._commonSpread;
        (_minX, _maxX) = (Math.Min(_minX, other._minX), Math.Max(_maxX, other._maxX));
        (_minY, _maxY) = (Math.Min(_minY, other._minY), Math.Max(_maxY, other._maxY));
    }

    /// <summary>Moves the means towards others that are so far away, and adds the spread between them.</summary>
    private void Combine(double deltaX, double deltaY, double weight)
    {
        var total = _weight + weight;
        var share = weight / total;
        SpreadX += deltaX * deltaX * _weight * share;
        SpreadY += deltaY * deltaY * _weight * share;
        _commonSpread += deltaX * deltaY * _weight * share;
        _meanX += deltaX * share;
        _meanY += deltaY * share;
        _weight = total;
    }
}
