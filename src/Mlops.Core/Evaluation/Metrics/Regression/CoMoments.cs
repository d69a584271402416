namespace Mlops.Evaluation;

/// <summary>Weighted means, spreads and the common spread of two numbers. Mergeable to rounding.</summary>
/// <remarks>Source: T. F. Chan, G. H. Golub, R. J. LeVeque (1979). Whether a number is constant is told by its extremes, not by rounding.</remarks>
internal struct CoMoments()
{
    private double _weight;
    private double _meanX;
    private double _meanY;
    private double _minX = double.PositiveInfinity;
    private double _maxX = double.NegativeInfinity;
    private double _minY = double.PositiveInfinity;
    private double _maxY = double.NegativeInfinity;

    public readonly double MeanX => _meanX;

    /// <summary>Gets Σ w (x − mean)².</summary>
    public double SpreadX { get; private set; }

    public double SpreadY { get; private set; }

    public double CommonSpread { get; private set; }

    public readonly bool IsConstantX => _minX == _maxX;

    public readonly bool IsConstantY => _minY == _maxY;

    /// <summary>Gets Pearson's correlation.</summary>
    public readonly MetricValue Correlation
        => _weight == 0 ? MetricValue.Undefined(RegressionMoments.NoRow)
            : IsConstantX || IsConstantY ? MetricValue.Undefined("labels or predictions are constant")
            : SpreadX > 0 && SpreadY > 0 ? Math.Clamp(CommonSpread / Math.Sqrt(SpreadX) / Math.Sqrt(SpreadY), -1, 1)
            : MetricValue.Undefined("labels or predictions are as good as constant");

    public void Add(double x, double y, double weight)
    {
        var one = new CoMoments { _weight = weight, _meanX = x, _meanY = y, _minX = x, _maxX = x, _minY = y, _maxY = y };
        Merge(one);
    }

    public void Merge(in CoMoments other)
    {
        if (other._weight == 0) return;
        var total = _weight + other._weight;
        var (deltaX, deltaY) = (other._meanX - _meanX, other._meanY - _meanY);
        if (_weight == 0) (deltaX, deltaY, _meanX, _meanY) = (0, 0, other._meanX, other._meanY);
        var share = other._weight / total;
        SpreadX += other.SpreadX + (deltaX * deltaX * _weight * share);
        SpreadY += other.SpreadY + (deltaY * deltaY * _weight * share);
        CommonSpread += other.CommonSpread + (deltaX * deltaY * _weight * share);
        _meanX += deltaX * share;
        _meanY += deltaY * share;
        _weight = total;
        (_minX, _maxX) = (Math.Min(_minX, other._minX), Math.Max(_maxX, other._maxX));
        (_minY, _maxY) = (Math.Min(_minY, other._minY), Math.Max(_maxY, other._maxY));
    }
}
