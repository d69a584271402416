namespace Mlops.Evaluation;

/// <summary>Sums of which the figures of scores of two classes are made: fed with rows in any order first, then by descending score.</summary>
internal sealed class BinaryTally(int bins)
{
    private readonly double[] _binWeights = new double[bins];
    private readonly double[] _binPredicted = new double[bins];
    private readonly double[] _binPositives = new double[bins];
    private readonly long[] _binRows = new long[bins];
    private double _positives;
    private double _negatives;
    private double _positiveScale = 1;
    private double _negativeScale = 1;
    private double _above;
    private double _falseAbove;
    private double _tiedPositives;
    private double _tiedNegatives;
    private double _score = double.NaN;
    private double _pairs;
    private double _precisionSum;
    private double _trapezoids;
    private double _lastPrecision = 1;
    private double _separation;
    private double _loss;
    private double _squares;
    private bool _hasOtherScores;

    public long Rows { get; private set; }

    /// <summary>Gets the weight of the positive rows that were taken for positive.</summary>
    public double TruePositives { get; private set; }

    /// <summary>Gets the weight of the positive rows that were not.</summary>
    public double FalseNegatives { get; private set; }

    /// <summary>Gets the weight of the negative rows that were taken for positive.</summary>
    public double FalsePositives { get; private set; }

    /// <summary>Gets the weight of the negative rows that were not.</summary>
    public double TrueNegatives { get; private set; }

    public double Positives => TruePositives + FalseNegatives;

    public double Negatives => FalsePositives + TrueNegatives;

    /// <summary>Counts a row, whatever its place.</summary>
    /// <param name="score">The score.</param>
    /// <param name="isPositive">Whether the row is positive.</param>
    /// <param name="isTaken">Whether it is taken for positive.</param>
    /// <param name="weight">The weight, above 0.</param>
    /// <param name="logarithm">ln of the probability that was given to what is true.</param>
    /// <param name="bin">The bin of the score; −1 where it is no probability.</param>
    public void Add(double score, bool isPositive, bool isTaken, double weight, double logarithm, int bin)
    {
        Rows++;
        if (isPositive && isTaken) TruePositives += weight;
        else if (isPositive) FalseNegatives += weight;
        else if (isTaken) FalsePositives += weight;
        else TrueNegatives += weight;
        if (bin < 0)
        {
            _hasOtherScores = true;
            return;
        }

        var error = isPositive ? 1 - score : score;
        _loss -= weight * logarithm;
        _squares += weight * error * error;
        _binRows[bin]++;
        _binWeights[bin] += weight;
        _binPredicted[bin] += weight * score;
        if (isPositive) _binPositives[bin] += weight;
    }

    /// <summary>Fixes the totals, once all rows were counted.</summary>
    public void EndCount()
    {
        (_positiveScale, _negativeScale) = (WeightScale.Of(Positives), WeightScale.Of(Negatives));
        (_positives, _negatives) = (Positives * _positiveScale, Negatives * _negativeScale);
    }

    /// <summary>Takes the next row by descending score.</summary>
    public void Descend(double score, bool isPositive, double weight)
    {
        if (score != _score)
        {
            CloseTie();
            _score = score;
        }

        if (isPositive) _tiedPositives += weight;
        else _tiedNegatives += weight;
    }

    /// <summary>Makes the figures; rows are added no more afterwards.</summary>
    public BinaryFigures ToFigures()
    {
        CloseTie();
        return new BinaryFigures
        {
            RowCount = Rows,
            TruePositiveWeight = TruePositives,
            FalseNegativeWeight = FalseNegatives,
            FalsePositiveWeight = FalsePositives,
            TrueNegativeWeight = TrueNegatives,
            Calibration = ToCurve(),
            RocAuc = OfRanks(_pairs / (_positives * _negatives)),
            KolmogorovSmirnov = OfRanks(_separation / (_positives * _negatives)),
            AveragePrecision = OfPositives(_precisionSum / Positives),
            PrecisionRecallArea = OfPositives(_trapezoids / Positives),
            LogLoss = OfProbabilities(_loss),
            Brier = OfProbabilities(_squares),
        };
    }

    private void CloseTie()
    {
        if (_tiedPositives == 0 && _tiedNegatives == 0) return;
        _pairs += _tiedNegatives * _negativeScale * ((_above + (_tiedPositives / 2)) * _positiveScale);
        _above += _tiedPositives;
        _falseAbove += _tiedNegatives;
        var precision = _above / (_above + _falseAbove);
        _precisionSum += _tiedPositives * precision;
        _trapezoids += _tiedPositives * (precision + _lastPrecision) / 2;
        _lastPrecision = precision;
        _separation = Math.Max(_separation, (_above * _positiveScale * _negatives) - (_falseAbove * _negativeScale * _positives));
        (_tiedPositives, _tiedNegatives) = (0, 0);
    }

    private MetricValue OfRanks(double figure)
        => Rows == 0 ? MetricValue.Undefined(BinaryFigures.NoRow)
            : Positives == 0 || Negatives == 0 ? MetricValue.Undefined(BinaryFigures.OneClass)
            : MetricValue.Of(Math.Min(1, figure));

    private MetricValue OfPositives(double figure)
        => Rows == 0 ? MetricValue.Undefined(BinaryFigures.NoRow) : Positives == 0 ? MetricValue.Undefined(BinaryFigures.NoPositive) : MetricValue.Of(Math.Min(1, figure));

    private MetricValue OfProbabilities(double sum)
        => Rows == 0 ? MetricValue.Undefined(BinaryFigures.NoRow)
            : _hasOtherScores ? MetricValue.Undefined(BinaryFigures.NoProbability)
            : MetricValue.Of(sum / (Positives + Negatives));

    private CalibrationCurve ToCurve()
    {
        if (Rows == 0) return new CalibrationCurve([]) { UndefinedReason = BinaryFigures.NoRow };
        if (_hasOtherScores) return new CalibrationCurve([]) { UndefinedReason = BinaryFigures.NoProbability };
        var step = 1.0 / bins;
        var filled = new List<CalibrationBin>(bins);
        for (var i = 0; i < bins; i++)
        {
            if (_binRows[i] > 0)
                filled.Add(new CalibrationBin(i * step, (i + 1) * step, _binRows[i], _binWeights[i], _binPredicted[i] / _binWeights[i], _binPositives[i] / _binWeights[i]));
        }

        return new CalibrationCurve(filled);
    }
}
