using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Mlops.Evaluation;

/// <summary>Collects scores of two classes, and computes their metrics and curves exactly. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>A row is its score (larger means more probably positive: a probability, or any finite number), its label (1 positive, 0 negative) and its weight (≥ 0; rows of weight 0 are left out of every figure).</para>
/// <para>
/// Rows are sorted once, by their scores in linear time, when a metric first asks for it. Every sum is taken in the order of the rows or of their scores, so
/// partials merged in order give the same bits as one pass over all rows. Memory: 17 bytes for each row, 4 more when sorted. See <see cref="BinnedScores"/> for bounded memory.
/// </para>
/// </remarks>
/// <example><code>
/// var scores = BinaryScores.Of(predictor.Scores, labels);
/// Console.WriteLine($"{scores.RocAuc()} {scores.AveragePrecision()} {scores.At(0.3).Confusion.Recall(1)}");
/// </code></example>
public sealed class BinaryScores
{
    /// <summary>The score from which on a row is taken for positive, where none is given: 0.5.</summary>
    public const double DefaultThreshold = 0.5;

    /// <summary>The number of bins of calibration figures, where none is given: 10.</summary>
    public const int DefaultBins = 10;

    private readonly List<double> _scores = [];
    private readonly List<double> _weights = [];
    private readonly List<bool> _labels = [];
    private int[]? _order;
    private double? _area;
    private BinaryFigures? _ranked;
    private BinaryFigures? _unranked;

    /// <summary>Gets the number of rows, those of weight 0 among them.</summary>
    public int RowCount => _scores.Count;

    private ReadOnlySpan<double> Scores => CollectionsMarshal.AsSpan(_scores);

    private ReadOnlySpan<bool> Labels => CollectionsMarshal.AsSpan(_labels);

    /// <summary>Gets the weights; empty where all are 1.</summary>
    private ReadOnlySpan<double> Weights => CollectionsMarshal.AsSpan(_weights);

    /// <summary>Gets the rows by descending score, without those of weight 0.</summary>
    internal ReadOnlySpan<int> Order => _order ??= ScoreOrder.Descending(Scores, Weights);

    /// <summary>Collects rows.</summary>
    /// <param name="scores">The scores, shape (n), finite.</param>
    /// <param name="labels">The labels, shape (n), 1 or 0.</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a score is not finite, a label is neither 0 nor 1, or a weight is negative or not finite.</exception>
    public static BinaryScores Of(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        var collected = new BinaryScores();
        collected.Add(scores, labels, weights);
        return collected;
    }

    /// <summary>Collects the rows of outcomes, one class against the others; rows that cannot be judged are left out.</summary>
    /// <param name="outcomes">The outcomes of a classification.</param>
    /// <param name="position">The position of the positive class; <see langword="null"/> for the last of two.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException">The outcomes are those of a regression, there is no such class, or more than two leave open which is positive.</exception>
    public static BinaryScores Of(ModelOutcomes outcomes, int? position = null)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        if (!outcomes.IsClassification) throw new ArgumentException("The outcomes are predicted numbers; scores of two classes need probabilities.", nameof(outcomes));
        if (position is null && outcomes.Classes.Count > 2) throw new ArgumentException($"The outcomes tell {outcomes.Classes.Count} classes apart. Say which is the positive one.", nameof(position));
        var column = position ?? outcomes.Classes.Count - 1;
        if (column < 0 || column >= outcomes.Classes.Count) throw new ArgumentOutOfRangeException(nameof(position), column, $"There are {outcomes.Classes.Count} classes.");
        var judged = outcomes.Judged;
        var collected = new BinaryScores();
        CollectionsMarshal.SetCount(collected._scores, judged.RowCount);
        CollectionsMarshal.SetCount(collected._labels, judged.RowCount);
        var scores = CollectionsMarshal.AsSpan(collected._scores);
        var labels = CollectionsMarshal.AsSpan(collected._labels);
        for (var row = 0; row < scores.Length; row++)
        {
            scores[row] = judged.Predictions[(row * judged.Width) + column];
            labels[row] = judged.Labels[row] == column;
        }

        collected._weights.AddRange(judged.Weights);
        return collected;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="score">The score, finite.</param>
    /// <param name="isPositive">Whether the row is positive.</param>
    /// <param name="weight">The weight, finite, ≥ 0.</param>
    /// <exception cref="ArgumentException">The score is not finite, or the weight is negative or not finite.</exception>
    public void Add(double score, bool isPositive, double weight = 1) => Add([score], [isPositive ? 1 : 0], weight == 1 ? default : [weight]);

    /// <summary>Adds rows.</summary>
    /// <param name="scores">The scores, shape (n), finite.</param>
    /// <param name="labels">The labels, shape (n), 1 or 0.</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, a score is not finite, a label is neither 0 nor 1, or a weight is negative or not finite; nothing was added.</exception>
    public void Add(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        MetricInput.CheckLengths(scores.Length, labels.Length, weights.Length);
        MetricInput.CheckFinite(scores, "Score", nameof(scores));
        MetricInput.CheckWeights(weights);
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] is not (0 or 1)) throw new ArgumentException($"Label {i} is neither 1, for the positive class, nor 0.", nameof(labels));
        }

        Extend(scores, weights);
        var start = _labels.Count;
        CollectionsMarshal.SetCount(_labels, start + labels.Length);
        var target = CollectionsMarshal.AsSpan(_labels)[start..];
        for (var i = 0; i < labels.Length; i++) target[i] = labels[i] == 1;
    }

    /// <summary>Adds the rows of another one after those of this one.</summary>
    /// <param name="other">The other one; it stays as it is.</param>
    public void Merge(BinaryScores other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Extend(other.Scores, other.Weights);
        _labels.AddRange(other._labels);
    }

    /// <summary>Computes the area under the ROC curve; see <see cref="BinaryFigures.RocAuc"/>.</summary>
    /// <returns>The area, 0..1; undefined where only one class occurs.</returns>
    public MetricValue RocAuc()
    {
        // Rows that count alike need no order but of their scores.
        if (_ranked is null && _weights.Count == 0 && (_area ??= RankedPairs.Area(Scores, Labels)) is { } area) return area;
        return Ranked().RocAuc;
    }

    /// <summary>Computes the area under the ROC curve up to a rate of false positives, standardised so that 0.5 is chance and 1 is perfect.</summary>
    /// <remarks>Source: D. K. McClish, "Analyzing a portion of the ROC curve", Medical Decision Making 9, 1989.</remarks>
    /// <param name="maximumFalsePositiveRate">The rate, above 0, at most 1.</param>
    /// <returns>The area; undefined where only one class occurs.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not within (0, 1].</exception>
    public MetricValue RocAuc(double maximumFalsePositiveRate)
    {
        if (!(maximumFalsePositiveRate is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(maximumFalsePositiveRate), maximumFalsePositiveRate, "The rate is above 0 and at most 1.");
        var whole = RocAuc();
        return !whole.IsDefined || maximumFalsePositiveRate == 1 ? whole : BinaryCurves.PartialArea(CountsByThreshold(), maximumFalsePositiveRate);
    }

    /// <summary>Computes the average precision; see <see cref="BinaryFigures.AveragePrecision"/>.</summary>
    /// <returns>The figure, 0..1; undefined where no row is positive.</returns>
    public MetricValue AveragePrecision() => Ranked().AveragePrecision;

    /// <summary>Computes the area under the precision–recall curve; see <see cref="BinaryFigures.PrecisionRecallArea"/>.</summary>
    /// <returns>The area, 0..1; undefined where no row is positive.</returns>
    public MetricValue PrecisionRecallArea() => Ranked().PrecisionRecallArea;

    /// <summary>Computes the largest difference between the rates of true and of false positives.</summary>
    /// <returns>The difference, 0..1; undefined where only one class occurs.</returns>
    public MetricValue KolmogorovSmirnov() => Ranked().KolmogorovSmirnov;

    /// <summary>Computes the mean negative log-likelihood; see <see cref="BinaryFigures.LogLoss"/>.</summary>
    /// <returns>The loss in nats, ≥ 0; undefined where a score is no probability.</returns>
    public MetricValue LogLoss() => Unranked().LogLoss;

    /// <summary>Computes the Brier score; see <see cref="BinaryFigures.Brier"/>.</summary>
    /// <returns>The score, 0..1; undefined where a score is no probability.</returns>
    public MetricValue Brier() => Unranked().Brier;

    /// <summary>Computes the expected calibration error.</summary>
    /// <param name="bins">The number of bins of equal width, ≥ 1.</param>
    /// <returns>The error, 0..1; undefined where a score is no probability.</returns>
    public MetricValue ExpectedCalibrationError(int bins = DefaultBins) => CalibrationCurve(bins).ExpectedError;

    /// <summary>Computes the maximum calibration error.</summary>
    /// <param name="bins">The number of bins of equal width, ≥ 1.</param>
    /// <returns>The error, 0..1; undefined where a score is no probability.</returns>
    public MetricValue MaximumCalibrationError(int bins = DefaultBins) => CalibrationCurve(bins).MaximumError;

    /// <summary>Computes the calibration curve.</summary>
    /// <param name="bins">The number of bins of equal width, ≥ 1.</param>
    /// <returns>The curve; undefined where a score is no probability.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no bin.</exception>
    public CalibrationCurve CalibrationCurve(int bins = DefaultBins) => bins == DefaultBins ? Unranked().Calibration : Walk(DefaultThreshold, bins, [], [], 0, isRanked: false)[0].Calibration;

    /// <summary>Computes the ROC curve.</summary>
    /// <returns>The curve; undefined where only one class occurs.</returns>
    public RocCurve RocCurve() => BinaryCurves.Roc(CountsByThreshold());

    /// <summary>Computes the precision–recall curve.</summary>
    /// <returns>The curve; undefined where no row is positive.</returns>
    public PrecisionRecallCurve PrecisionRecallCurve() => BinaryCurves.PrecisionRecall(CountsByThreshold());

    /// <summary>Computes gain and lift.</summary>
    /// <returns>The curve; undefined where no row is positive.</returns>
    public LiftCurve LiftCurve() => BinaryCurves.Lift(CountsByThreshold());

    /// <summary>Counts, for each distinct score, what taking all rows of at least that score for positive comes to: what a threshold is chosen by.</summary>
    /// <returns>The counts, thresholds descending; the first one takes no row for positive.</returns>
    public IReadOnlyList<ThresholdCounts> CountsByThreshold() => BinaryCurves.Count(Scores, Labels, Weights, Order);

    /// <summary>Computes all figures, decisions made at a threshold.</summary>
    /// <param name="threshold">The score from which on a row is taken for positive.</param>
    /// <param name="bins">The number of bins of the calibration, ≥ 1.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no bin.</exception>
    public BinaryFigures At(double threshold, int bins = DefaultBins) => Walk(threshold, bins, [], [], 0, isRanked: true)[0];

    /// <summary>Computes all figures of all rows and of the rows of each value of a column, sorting once.</summary>
    /// <param name="column">The column, as many rows as were added.</param>
    /// <param name="threshold">The score from which on a row is taken for positive.</param>
    /// <param name="bins">The number of bins of the calibration, ≥ 1.</param>
    /// <returns>The figures.</returns>
    /// <exception cref="ArgumentException">The column has another number of rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no bin.</exception>
    public BinarySliceFigures EvaluateSlices(SliceColumn column, double threshold = DefaultThreshold, int bins = DefaultBins)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (column.RowCount != RowCount) throw new ArgumentException($"The column '{column.Name}' has {column.RowCount} rows; there are {RowCount} scores.", nameof(column));
        return Slices(Walk(threshold, bins, [], column.Codes, column.Values.Count, isRanked: true));
    }

    /// <summary>Computes the figures of ranks; those of probabilities are not computed.</summary>
    internal BinaryFigures Ranked() => _ranked ??= Walk(DefaultThreshold, DefaultBins, [], [], 0, isRanked: true, isLossy: false)[0];

    /// <summary>Computes the figures of probabilities, without sorting; those of ranks are not computed.</summary>
    internal BinaryFigures Unranked() => _unranked ??= Walk(DefaultThreshold, DefaultBins, [], [], 0, isRanked: false)[0];

    /// <summary>Computes all figures by value of a column, where decisions were made otherwise than by a threshold.</summary>
    internal BinarySliceFigures DecidedSlices(ReadOnlySpan<bool> taken, ReadOnlySpan<int> codes, int values) => Slices(Walk(DefaultThreshold, DefaultBins, taken, codes, values, isRanked: true));

    private static BinarySliceFigures Slices(BinaryFigures[] figures) => new(figures[0], figures[2..], figures[1]);

    private void Extend(ReadOnlySpan<double> scores, ReadOnlySpan<double> weights)
    {
        (_order, _area, _ranked, _unranked) = (null, null, null, null);
        if (_weights.Count == 0 && weights.ContainsAnyExcept(1.0)) Fill(_scores.Count);
        if (_weights.Count > 0 || weights.ContainsAnyExcept(1.0))
        {
            if (weights.IsEmpty) Fill(scores.Length);
            else _weights.AddRange(weights);
        }

        _scores.AddRange(scores);
    }

    private void Fill(int count)
    {
        var start = _weights.Count;
        CollectionsMarshal.SetCount(_weights, start + count);
        CollectionsMarshal.AsSpan(_weights)[start..].Fill(1);
    }

    /// <summary>Walks over the rows, in their order and by descending score: first all rows, then those without a value, then those of each value.</summary>
    private BinaryFigures[] Walk(double threshold, int bins, ReadOnlySpan<bool> taken, ReadOnlySpan<int> codes, int values, bool isRanked, bool isLossy = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var tallies = new BinaryTally[codes.IsEmpty ? 1 : values + 2];
        for (var i = 0; i < tallies.Length; i++) tallies[i] = new BinaryTally(bins);
        Count(tallies, threshold, isLossy ? bins : 0, taken, codes);
        if (isRanked)
        {
            foreach (var tally in tallies) tally.EndCount();
            var scores = Scores;
            var labels = Labels;
            var weights = Weights;
            foreach (var row in Order)
            {
                var weight = weights.IsEmpty ? 1 : weights[row];
                tallies[0].Descend(scores[row], labels[row], weight);
                if (!codes.IsEmpty) tallies[codes[row] + 2].Descend(scores[row], labels[row], weight);
            }
        }

        return [.. tallies.Select(tally => tally.ToFigures())];
    }

    /// <summary>Takes the logarithms of the probabilities that were given to what is true.</summary>
    private static void TakeLogarithms(ReadOnlySpan<double> scores, ReadOnlySpan<bool> labels, Span<double> logarithms)
    {
        for (var i = 0; i < scores.Length; i++) logarithms[i] = Probability.Clamp(labels[i] ? scores[i] : 1 - scores[i]);
        TensorPrimitives.Log(logarithms[..scores.Length], logarithms[..scores.Length]);
    }

    /// <summary>Counts rows in their order; without bins only their decisions.</summary>
    private void Count(BinaryTally[] tallies, double threshold, int bins, ReadOnlySpan<bool> taken, ReadOnlySpan<int> codes)
    {
        const int Block = 512;
        Span<double> logarithms = stackalloc double[Block];
        var scores = Scores;
        var labels = Labels;
        var weights = Weights;
        for (var start = 0; start < scores.Length; start += Block)
        {
            var count = Math.Min(Block, scores.Length - start);
            if (bins > 0) TakeLogarithms(scores.Slice(start, count), labels.Slice(start, count), logarithms);
            for (var i = 0; i < count; i++)
            {
                var row = start + i;
                var weight = weights.IsEmpty ? 1 : weights[row];
                if (weight == 0) continue;
                var score = scores[row];
                var isTaken = taken.IsEmpty ? score >= threshold : taken[row];
                var bin = bins > 0 && score is >= 0 and <= 1 ? CalibrationBins.Find(score, bins) : -1;
                tallies[0].Add(score, labels[row], isTaken, weight, logarithms[i], bin);
                if (!codes.IsEmpty) tallies[codes[row] + 2].Add(score, labels[row], isTaken, weight, logarithms[i], bin);
            }
        }
    }
}
