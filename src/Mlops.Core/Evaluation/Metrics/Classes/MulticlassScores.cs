using System.Runtime.InteropServices;

namespace Mlops.Evaluation;

/// <summary>Collects probabilities of several classes, and computes their metrics exactly. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>A row is its probability for each class, the position of the true class and a weight ≥ 0; rows of weight 0 are left out.</para>
/// <para>Partials merged in order give the same bits as one pass. Memory: 8 bytes for each class, the label and the weight of a row.</para>
/// </remarks>
public sealed class MulticlassScores
{
    private const string NoRow = BinaryFigures.NoRow;

    private readonly List<double> _probabilities = [];
    private readonly List<int> _labels = [];
    private readonly List<double> _weights = [];
    private readonly BinaryScores?[] _oneVsRest;

    /// <summary>Creates scores without rows.</summary>
    /// <param name="classCount">The number of classes, ≥ 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two classes.</exception>
    public MulticlassScores(int classCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        ClassCount = classCount;
        _oneVsRest = new BinaryScores?[classCount];
    }

    /// <summary>Gets the number of classes.</summary>
    public int ClassCount { get; }

    /// <summary>Gets the number of rows with a weight above 0.</summary>
    public int RowCount => _labels.Count;

    /// <summary>Collects the rows of outcomes; those that cannot be judged are left out.</summary>
    /// <param name="outcomes">The outcomes of a classification.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException">The outcomes are those of a regression, or of one class.</exception>
    public static MulticlassScores Of(ModelOutcomes outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        if (outcomes.Classes.Count < 2) throw new ArgumentException("The outcomes are not those of two or more classes.", nameof(outcomes));
        var judged = outcomes.Judged;
        var collected = new MulticlassScores(outcomes.Classes.Count);
        collected._probabilities.AddRange(judged.Predictions);
        for (var row = 0; row < judged.RowCount; row++)
        {
            collected._labels.Add((int)judged.Labels[row]);
            collected._weights.Add(judged.GetWeight(row));
        }

        return collected;
    }

    /// <summary>Adds a row.</summary>
    /// <param name="probabilities">The probability of each class, shape (<see cref="ClassCount"/>), finite.</param>
    /// <param name="label">The position of the true class.</param>
    /// <param name="weight">The weight, finite, ≥ 0.</param>
    /// <exception cref="ArgumentException">There are not so many probabilities, one is not finite, the label is no position, or the weight is negative or not finite.</exception>
    public void Add(ReadOnlySpan<double> probabilities, int label, double weight = 1)
    {
        if (probabilities.Length != ClassCount) throw new ArgumentException($"There are {probabilities.Length} probabilities for {ClassCount} classes.", nameof(probabilities));
        if ((uint)label >= (uint)ClassCount) throw new ArgumentOutOfRangeException(nameof(label), label, $"There are {ClassCount} classes.");
        MetricInput.CheckFinite(probabilities, "Probability", nameof(probabilities));
        MetricInput.CheckWeights([weight]);
        if (weight == 0) return;
        Array.Clear(_oneVsRest);
        _probabilities.AddRange(probabilities);
        _labels.Add(label);
        _weights.Add(weight);
    }

    /// <summary>Adds the rows of another one after those of this one.</summary>
    /// <param name="other">The other one, of as many classes; it stays as it is.</param>
    /// <exception cref="ArgumentException">It has another number of classes.</exception>
    public void Merge(MulticlassScores other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.ClassCount != ClassCount) throw new ArgumentException($"Scores of {other.ClassCount} classes cannot be added to those of {ClassCount}.", nameof(other));
        Array.Clear(_oneVsRest);
        _probabilities.AddRange(other._probabilities);
        _labels.AddRange(other._labels);
        _weights.AddRange(other._weights);
    }

    /// <summary>Gets the scores of one class against all others.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The scores; do not add rows to them.</returns>
    public BinaryScores OneVersusRest(int position)
        => _oneVsRest[position] ??= Binary([.. Column(position)], [.. _labels.Select(label => label == position ? 1.0 : 0)], CollectionsMarshal.AsSpan(_weights));

    /// <summary>Computes the area under the ROC curve of each class against all others, averaged.</summary>
    /// <param name="averaging">Plain, by the weight of the true rows of each class, or of all pairs of row and class together.</param>
    /// <returns>The area, 0..1; undefined where a class has no true row or all.</returns>
    public MetricValue RocAucOneVersusRest(Averaging averaging = Averaging.Macro) => Average(averaging, static scores => scores.RocAuc());

    /// <summary>Computes the area under the ROC curve of each class against each other one, averaged.</summary>
    /// <remarks>Source: D. J. Hand, R. J. Till, Machine Learning 45, 2001.</remarks>
    /// <param name="averaging">Over the pairs of classes plainly, or by the weight of their rows.</param>
    /// <returns>The area, 0..1; undefined where a class has no true row.</returns>
    /// <exception cref="ArgumentException">The averaging is <see cref="Averaging.Micro"/>, which pairs do not have.</exception>
    public MetricValue RocAucOneVersusOne(Averaging averaging = Averaging.Macro)
    {
        if (averaging == Averaging.Micro) throw new ArgumentException("Pairs of classes are averaged plainly or by weight.", nameof(averaging));
        if (FindAbsent() is { } reason) return MetricValue.Undefined(reason);
        double sum = 0, weights = 0;
        for (var first = 0; first < ClassCount; first++)
        {
            for (var second = first + 1; second < ClassCount; second++)
            {
                int[] rows = [.. Enumerable.Range(0, RowCount).Where(row => _labels[row] == first || _labels[row] == second)];
                var weight = averaging == Averaging.Macro ? 1 : rows.Sum(row => _weights[row]);
                sum += weight * (Directed(rows, first) + Directed(rows, second)) / 2;
                weights += weight;
            }
        }

        return sum / weights;
    }

    /// <summary>Computes the average precision of each class against all others, averaged.</summary>
    /// <param name="averaging">Plain, by the weight of the true rows of each class, or of all pairs of row and class together.</param>
    /// <returns>The figure, 0..1; undefined where a class has no true row.</returns>
    public MetricValue AveragePrecision(Averaging averaging = Averaging.Macro) => Average(averaging, static scores => scores.AveragePrecision());

    /// <summary>Computes the mean negative logarithm of the probability given to the true class, in nats; probabilities are kept 2⁻⁵² away from 0 and 1.</summary>
    /// <returns>The loss, ≥ 0; undefined where a number is no probability.</returns>
    public MetricValue LogLoss() => Mean((row, probabilities) => Probability.Loss(probabilities[_labels[row]]));

    /// <summary>Computes the Brier score of all classes: the mean over rows of Σ (probability − 1 of the true class, or 0)².</summary>
    /// <returns>The score, 0..2; undefined where a number is no probability.</returns>
    public MetricValue BrierSum() => Mean((row, probabilities) =>
    {
        double sum = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            var error = probabilities[i] - (i == _labels[row] ? 1 : 0);
            sum += error * error;
        }

        return sum;
    });

    /// <summary>Computes the expected calibration error of the most probable class: its probability against how often it is right.</summary>
    /// <param name="bins">The number of bins of equal width, ≥ 1.</param>
    /// <returns>The error, 0..1; undefined where a number is no probability.</returns>
    public MetricValue TopLabelCalibrationError(int bins = BinaryScores.DefaultBins)
    {
        if (RowCount == 0) return MetricValue.Undefined(NoRow);
        var (top, right) = (new double[RowCount], new double[RowCount]);
        for (var row = 0; row < RowCount; row++)
        {
            var best = Best(row);
            (top[row], right[row]) = (Row(row)[best], best == _labels[row] ? 1 : 0);
        }

        return Binary(top, right, CollectionsMarshal.AsSpan(_weights)).ExpectedCalibrationError(bins);
    }

    /// <summary>Computes the plain mean over the classes of the expected calibration error of each against all others.</summary>
    /// <param name="bins">The number of bins of equal width, ≥ 1.</param>
    /// <returns>The error, 0..1; undefined where a number is no probability.</returns>
    public MetricValue ClasswiseCalibrationError(int bins = BinaryScores.DefaultBins)
    {
        double sum = 0;
        for (var i = 0; i < ClassCount; i++)
        {
            if (OneVersusRest(i).ExpectedCalibrationError(bins) is not { IsDefined: true } error) return OneVersusRest(i).ExpectedCalibrationError(bins);
            sum += error.Value;
        }

        return sum / ClassCount;
    }

    /// <summary>Computes the weight share of the rows whose true class is among the most probable ones; of equal probabilities the first class comes first.</summary>
    /// <param name="k">The number of classes, ≥ 1.</param>
    /// <returns>The share, 0..1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1.</exception>
    public MetricValue TopAccuracy(int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        double right = 0, total = 0;
        for (var row = 0; row < RowCount; row++)
        {
            var (probabilities, label, rank) = (Row(row).ToArray(), _labels[row], 0);
            for (var i = 0; i < probabilities.Length; i++)
            {
                if (probabilities[i] > probabilities[label] || (i < label && probabilities[i] == probabilities[label])) rank++;
            }

            total += _weights[row];
            if (rank < k) right += _weights[row];
        }

        return total > 0 ? right / total : MetricValue.Undefined(NoRow);
    }

    /// <summary>Counts the most probable classes; the first one wins a tie.</summary>
    /// <param name="classes">The names of the classes.</param>
    /// <returns>The matrix.</returns>
    /// <exception cref="ArgumentException">There are not so many names, or one occurs twice.</exception>
    public ConfusionMatrix Confusion(IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count != ClassCount) throw new ArgumentException($"There are {classes.Count} names for {ClassCount} classes.", nameof(classes));
        var matrix = new ConfusionMatrix(classes);
        for (var row = 0; row < RowCount; row++) matrix.Add(_labels[row], Best(row), _weights[row]);
        return matrix;
    }

    private static BinaryScores Binary(ReadOnlySpan<double> scores, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights) => BinaryScores.Of(scores, labels, weights);

    private MetricValue Average(Averaging averaging, Func<BinaryScores, MetricValue> figure)
    {
        if (FindAbsent() is { } reason) return MetricValue.Undefined(reason);
        if (averaging == Averaging.Micro) return figure(Flat());
        double sum = 0, weights = 0;
        for (var i = 0; i < ClassCount; i++)
        {
            var scores = OneVersusRest(i);
            var value = figure(scores);
            if (!value.IsDefined) return value;
            var weight = averaging == Averaging.Macro ? 1 : WeightOf(i);
            sum += weight * value.Value;
            weights += weight;
        }

        return sum / weights;
    }

    private BinaryScores Flat()
    {
        var (labels, weights) = (new double[_probabilities.Count], new double[_probabilities.Count]);
        for (var row = 0; row < RowCount; row++)
        {
            labels[(row * ClassCount) + _labels[row]] = 1;
            weights.AsSpan(row * ClassCount, ClassCount).Fill(_weights[row]);
        }

        return Binary(CollectionsMarshal.AsSpan(_probabilities), labels, weights);
    }

    /// <summary>The area of telling the rows of a class from the other rows of a pair by its probability.</summary>
    private double Directed(int[] rows, int position) => Binary(
        Array.ConvertAll(rows, row => Row(row)[position]),
        Array.ConvertAll(rows, row => _labels[row] == position ? 1.0 : 0),
        Array.ConvertAll(rows, row => _weights[row])).RocAuc().Value;

    private string? FindAbsent()
    {
        if (RowCount == 0) return NoRow;
        for (var i = 0; i < ClassCount; i++)
        {
            if (!_labels.Contains(i)) return "a class has no true row";
        }

        return null;
    }

    private MetricValue Mean(ProbabilityFigure figure)
    {
        if (RowCount == 0) return MetricValue.Undefined(NoRow);
        if (Probabilities.ContainsAnyExceptInRange(0.0, 1.0)) return MetricValue.Undefined(BinaryFigures.NoProbability);
        double sum = 0, weights = 0;
        for (var row = 0; row < RowCount; row++)
        {
            sum += _weights[row] * figure(row, Row(row));
            weights += _weights[row];
        }

        return sum / weights;
    }

    private ReadOnlySpan<double> Probabilities => CollectionsMarshal.AsSpan(_probabilities);

    private ReadOnlySpan<double> Row(int row) => Probabilities.Slice(row * ClassCount, ClassCount);

    private IEnumerable<double> Column(int position) => Enumerable.Range(0, RowCount).Select(row => _probabilities[(row * ClassCount) + position]);

    private double WeightOf(int position) => Enumerable.Range(0, RowCount).Where(row => _labels[row] == position).Sum(row => _weights[row]);

    private int Best(int row)
    {
        var probabilities = Row(row);
        var best = 0;
        for (var i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best]) best = i;
        }

        return best;
    }

    private delegate double ProbabilityFigure(int row, ReadOnlySpan<double> probabilities);
}
