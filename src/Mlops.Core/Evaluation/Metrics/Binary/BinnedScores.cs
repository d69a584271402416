namespace Mlops.Evaluation;

/// <summary>Counts probabilities of two classes in bins: bounded memory, however many rows. Ranking figures are approximate, and say by how much. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>Rows of the same bin count as tied. The area under the ROC curve is therefore wrong by at most <see cref="RocAucError"/>, since only pairs within a bin may be ranked otherwise.</para>
/// <para>Log loss and Brier score are exact but for the rounding of sums. Memory: 40 bytes for each bin. Merging is exact where weights are whole numbers; else, and for losses, to the rounding of sums.</para>
/// </remarks>
public sealed class BinnedScores
{
    /// <summary>The number of bins where none is given: 4,096.</summary>
    public const int DefaultBins = 4096;

    private readonly double[] _positives;
    private readonly double[] _negatives;
    private readonly double[] _predicted;
    private readonly long[] _rows;
    private double _loss;
    private double _squares;

    /// <summary>Creates bins of equal width on [0, 1], closed at their upper ends.</summary>
    /// <param name="bins">The number of bins, ≥ 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two bins.</exception>
    public BinnedScores(int bins = DefaultBins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 2);
        Bins = bins;
        (_positives, _negatives, _predicted, _rows) = (new double[bins], new double[bins], new double[bins], new long[bins]);
    }

    /// <summary>Gets the number of bins.</summary>
    public int Bins { get; }

    /// <summary>Gets the number of rows with a weight above 0.</summary>
    public long RowCount { get; private set; }

    /// <summary>Gets the weight of the positive rows.</summary>
    public double PositiveWeight => _positives.Sum();

    /// <summary>Gets the weight of the negative rows.</summary>
    public double NegativeWeight => _negatives.Sum();

    /// <summary>Adds a row.</summary>
    /// <param name="probability">The probability of the positive class, 0..1.</param>
    /// <param name="isPositive">Whether the row is positive.</param>
    /// <param name="weight">The weight, finite, ≥ 0; a row of weight 0 is left out.</param>
    /// <exception cref="ArgumentException">The probability is none, or the weight is negative or not finite.</exception>
    public void Add(double probability, bool isPositive, double weight = 1)
    {
        if (!(probability is >= 0 and <= 1)) throw new ArgumentException($"A score is no probability from 0 to 1. Collect other scores in {nameof(BinaryScores)}.", nameof(probability));
        MetricInput.CheckWeights([weight]);
        if (weight == 0) return;
        var bin = CalibrationBins.Find(probability, Bins);
        var error = isPositive ? 1 - probability : probability;
        RowCount++;
        _rows[bin]++;
        _predicted[bin] += weight * probability;
        (isPositive ? _positives : _negatives)[bin] += weight;
        _squares += weight * error * error;
        _loss += weight * Probability.Loss(isPositive ? probability : 1 - probability);
    }

    /// <summary>Adds rows.</summary>
    /// <param name="probabilities">The probabilities of the positive class, shape (n), 0..1.</param>
    /// <param name="labels">The labels, shape (n), 1 or 0.</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, a probability is none, a label is neither 0 nor 1, or a weight is negative or not finite.</exception>
    public void Add(ReadOnlySpan<double> probabilities, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        MetricInput.CheckLengths(probabilities.Length, labels.Length, weights.Length);
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] is not (0 or 1)) throw new ArgumentException($"Label {i} is neither 1, for the positive class, nor 0.", nameof(labels));
            Add(probabilities[i], labels[i] == 1, weights.IsEmpty ? 1 : weights[i]);
        }
    }

    /// <summary>Adds the counts of another one.</summary>
    /// <param name="other">The other one, of as many bins; it stays as it is.</param>
    /// <exception cref="ArgumentException">It has another number of bins.</exception>
    public void Merge(BinnedScores other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Bins != Bins) throw new ArgumentException($"{other.Bins} bins cannot be added to {Bins}.", nameof(other));
        RowCount += other.RowCount;
        _loss += other._loss;
        _squares += other._squares;
        for (var i = 0; i < Bins; i++)
        {
            _positives[i] += other._positives[i];
            _negatives[i] += other._negatives[i];
            _predicted[i] += other._predicted[i];
            _rows[i] += other._rows[i];
        }
    }

    /// <summary>Approximates the area under the ROC curve.</summary>
    /// <returns>The area, 0..1; undefined where only one class occurs.</returns>
    public MetricValue RocAuc() => Tally().RocAuc;

    /// <summary>Computes by how much the area under the ROC curve may be wrong: half the share of the pairs that are in the same bin.</summary>
    /// <returns>The bound, 0..0.5; undefined where only one class occurs.</returns>
    public MetricValue RocAucError()
    {
        double pairs = 0;
        var (ofPositives, ofNegatives) = (WeightScale.Of(PositiveWeight), WeightScale.Of(NegativeWeight));
        for (var i = 0; i < Bins; i++) pairs += _positives[i] * ofPositives * (_negatives[i] * ofNegatives);
        return RocAuc().IsDefined ? pairs / (2 * (PositiveWeight * ofPositives) * (NegativeWeight * ofNegatives)) : RocAuc();
    }

    /// <summary>Approximates the average precision.</summary>
    /// <returns>The figure, 0..1; undefined where no row is positive.</returns>
    public MetricValue AveragePrecision() => Tally().AveragePrecision;

    /// <summary>Approximates the largest difference between the rates of true and of false positives; it is never too large.</summary>
    /// <returns>The difference, 0..1; undefined where only one class occurs.</returns>
    public MetricValue KolmogorovSmirnov() => Tally().KolmogorovSmirnov;

    /// <summary>Computes the mean negative log-likelihood; see <see cref="BinaryFigures.LogLoss"/>.</summary>
    /// <returns>The loss in nats, ≥ 0.</returns>
    public MetricValue LogLoss() => OfRows(_loss);

    /// <summary>Computes the Brier score; see <see cref="BinaryFigures.Brier"/>.</summary>
    /// <returns>The score, 0..1.</returns>
    public MetricValue Brier() => OfRows(_squares);

    /// <summary>Makes the calibration curve of these bins, or of fewer ones, several together.</summary>
    /// <param name="bins">The number of bins, of which the number of these is a multiple; <see langword="null"/> for these.</param>
    /// <returns>The curve; exact but for the rounding of sums.</returns>
    /// <exception cref="ArgumentOutOfRangeException">These bins do not make up so many.</exception>
    public CalibrationCurve CalibrationCurve(int? bins = null)
    {
        var count = bins ?? Bins;
        if (count < 1 || Bins % count != 0) throw new ArgumentOutOfRangeException(nameof(bins), count, $"{Bins} bins do not make up so many.");
        if (RowCount == 0) return new CalibrationCurve([]) { UndefinedReason = BinaryFigures.NoRow };
        var (each, curve) = (Bins / count, new List<CalibrationBin>());
        for (var i = 0; i < count; i++)
        {
            var range = new Range(i * each, (i + 1) * each);
            if (_rows[range].Sum() is not (> 0 and var rows)) continue;
            var (positives, weight) = (_positives[range].Sum(), _positives[range].Sum() + _negatives[range].Sum());
            curve.Add(new CalibrationBin((double)i / count, (i + 1.0) / count, rows, weight, _predicted[range].Sum() / weight, positives / weight));
        }

        return new CalibrationCurve(curve);
    }

    private MetricValue OfRows(double sum) => RowCount > 0 ? sum / (PositiveWeight + NegativeWeight) : MetricValue.Undefined(BinaryFigures.NoRow);

    private BinaryFigures Tally()
    {
        var tally = new BinaryTally(1);
        for (var i = 0; i < Bins; i++)
        {
            if (_positives[i] > 0) tally.Add(0, true, true, _positives[i], 0, 0);
            if (_negatives[i] > 0) tally.Add(0, false, false, _negatives[i], 0, 0);
        }

        tally.EndCount();
        for (var i = Bins - 1; i >= 0; i--)
        {
            if (_positives[i] > 0) tally.Descend(i, true, _positives[i]);
            if (_negatives[i] > 0) tally.Descend(i, false, _negatives[i]);
        }

        return tally.ToFigures();
    }
}
