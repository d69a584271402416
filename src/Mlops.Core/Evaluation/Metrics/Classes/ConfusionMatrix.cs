namespace Mlops.Evaluation;

/// <summary>How often, by weight, rows of each class were taken for each class, with the figures that come from it. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>Averages are over the classes that occur in truth or prediction, as in scikit-learn; of a restricted matrix (<see cref="Restrict"/>) over all of its classes.</para>
/// <para>Memory: 8 bytes for each pair of classes. Merging is exact where weights are whole numbers; else to the rounding of sums.</para>
/// </remarks>
/// <example><code>
/// var matrix = ConfusionMatrix.Of(["cat", "dog", "cat"], ["cat", "cat", "cat"]);
/// Console.WriteLine(matrix.F1(Averaging.Macro));
/// </code></example>
public sealed class ConfusionMatrix
{
    private const string NoRow = "no row has a label, a prediction and a weight";

    private readonly double[] _counts;
    private readonly int _all;

    // Positions of the classes in the counts of all; those of a restricted matrix are some of them.
    private readonly int[] _listed;
    private readonly bool _isRestricted;

    /// <summary>Creates a matrix without rows.</summary>
    /// <param name="classes">The classes, in the order of rows and columns.</param>
    /// <exception cref="ArgumentException">A class occurs twice.</exception>
    public ConfusionMatrix(IReadOnlyList<string> classes)
        : this(Checked(classes), new double[classes.Count * classes.Count], classes.Count, [.. Enumerable.Range(0, classes.Count)], false)
    {
    }

    private ConfusionMatrix(IReadOnlyList<string> classes, double[] counts, int all, int[] listed, bool isRestricted)
    {
        Classes = classes;
        _counts = counts;
        _all = all;
        _listed = listed;
        _isRestricted = isRestricted;
    }

    /// <summary>Gets the classes, in the order of rows and columns.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Gets the sum of the weights of all rows.</summary>
    public double Total
    {
        get
        {
            double sum = 0;
            foreach (var count in _counts) sum += count;
            return sum;
        }
    }

    /// <summary>Gets the weight of the rows of a class that were taken for another, or the same, one.</summary>
    /// <param name="truth">The position of the true class.</param>
    /// <param name="predicted">The position of the predicted one.</param>
    public double this[int truth, int predicted] => _counts[(_listed[truth] * _all) + _listed[predicted]];

    /// <summary>Counts labels.</summary>
    /// <param name="truth">The true classes, shape (n).</param>
    /// <param name="predicted">The predicted ones, shape (n).</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike.</param>
    /// <param name="classes">The classes in order; <see langword="null"/> for those that occur, in ordinal order.</param>
    /// <returns>The matrix.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is none of the classes, or a weight is negative or not finite.</exception>
    public static ConfusionMatrix Of(IReadOnlyList<string> truth, IReadOnlyList<string> predicted, ReadOnlySpan<double> weights = default, IReadOnlyList<string>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(predicted);
        MetricInput.CheckLengths(predicted.Count, truth.Count, weights.Length);
        MetricInput.CheckWeights(weights);
        var matrix = new ConfusionMatrix(classes ?? [.. truth.Concat(predicted).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
        var positions = matrix.Classes.Select((name, i) => (name, i)).ToDictionary(item => item.name, item => item.i, StringComparer.Ordinal);
        for (var row = 0; row < truth.Count; row++)
        {
            if (!positions.TryGetValue(truth[row], out var own) || !positions.TryGetValue(predicted[row], out var taken))
                throw new ArgumentException($"Row {row} has a label that is none of the {matrix.Classes.Count} classes.", nameof(truth));
            matrix._counts[(own * matrix._all) + taken] += weights.IsEmpty ? 1 : weights[row];
        }

        return matrix;
    }

    /// <summary>Counts the most probable classes of outcomes; rows that cannot be judged are left out.</summary>
    /// <param name="outcomes">The outcomes of a classification.</param>
    /// <returns>The matrix.</returns>
    /// <exception cref="ArgumentException">The outcomes are those of a regression.</exception>
    public static ConfusionMatrix Of(ModelOutcomes outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        if (!outcomes.IsClassification) throw new ArgumentException("The outcomes are predicted numbers; there are no classes to confuse.", nameof(outcomes));
        var judged = outcomes.Judged;
        var matrix = new ConfusionMatrix(judged.Classes);
        for (var row = 0; row < judged.RowCount; row++) matrix._counts[((int)judged.Labels[row] * matrix._all) + judged.GetPredictedClass(row)] += judged.GetWeight(row);
        return matrix;
    }

    /// <summary>Makes a matrix of counts, row after row.</summary>
    internal static ConfusionMatrix OfCounts(IReadOnlyList<string> classes, double[] counts) => new(classes, counts, classes.Count, [.. Enumerable.Range(0, classes.Count)], false);

    /// <summary>Counts a row.</summary>
    /// <param name="truth">The position of the true class.</param>
    /// <param name="predicted">The position of the predicted one.</param>
    /// <param name="weight">The weight, finite, ≥ 0.</param>
    /// <exception cref="ArgumentException">A position is none of a class, or the weight is negative or not finite.</exception>
    /// <exception cref="InvalidOperationException">The matrix is a restricted one.</exception>
    public void Add(int truth, int predicted, double weight = 1)
    {
        if (_isRestricted) throw new InvalidOperationException("Rows are added to the whole matrix, not to a restricted one.");
        if ((uint)truth >= (uint)_all) throw new ArgumentOutOfRangeException(nameof(truth), truth, $"There are {_all} classes.");
        if ((uint)predicted >= (uint)_all) throw new ArgumentOutOfRangeException(nameof(predicted), predicted, $"There are {_all} classes.");
        MetricInput.CheckWeights([weight]);
        _counts[(truth * _all) + predicted] += weight;
    }

    /// <summary>Adds the counts of another matrix.</summary>
    /// <param name="other">The other one, of the same classes; it stays as it is.</param>
    /// <exception cref="ArgumentException">It has other classes, or one of the two is restricted.</exception>
    public void Merge(ConfusionMatrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (_isRestricted || other._isRestricted || !Classes.SequenceEqual(other.Classes))
            throw new ArgumentException("The two matrices are of other classes, so that their counts cannot be added.", nameof(other));
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
    }

    /// <summary>Makes a matrix whose figures of classes are over some classes only, each of which enters every average even where it does not occur.</summary>
    /// <remarks>Rows of other classes still count where they are taken for one of these, and the reverse; accuracy, balanced accuracy, Matthews' coefficient and the zero–one loss remain those of all rows.</remarks>
    /// <param name="classes">The classes, in their new order.</param>
    /// <returns>The matrix, a copy.</returns>
    /// <exception cref="ArgumentException">A class occurs twice.</exception>
    public ConfusionMatrix Restrict(IReadOnlyList<string> classes)
    {
        string[] whole = [.. Classes, .. Checked(classes).Except(Classes)];
        var counts = new double[whole.Length * whole.Length];
        var old = _listed.Length == _all ? Classes.Count : throw new InvalidOperationException("Restrict the whole matrix, not one that was restricted.");
        for (var i = 0; i < old; i++)
        {
            for (var j = 0; j < old; j++) counts[(i * whole.Length) + j] = _counts[(i * _all) + j];
        }

        return new ConfusionMatrix(classes, counts, whole.Length, [.. classes.Select(name => Array.IndexOf(whole, name))], true);
    }

    /// <summary>Gets the weight of the rows of a class.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The weight.</returns>
    public double TrueWeight(int position) => RowSum(_listed[position]);

    /// <summary>Gets the weight of the rows that were taken for a class.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The weight.</returns>
    public double PredictedWeight(int position) => ColumnSum(_listed[position]);

    /// <summary>Computes the share of the weight that was taken for its class.</summary>
    /// <returns>The share, 0..1.</returns>
    public MetricValue Accuracy() => OfRows(total => Diagonal() / total);

    /// <summary>Computes the share of the weight that was taken for another class.</summary>
    /// <returns>The share, 0..1.</returns>
    public MetricValue ZeroOneLoss() => OfRows(total => Math.Max(0, total - Diagonal()) / total);

    /// <summary>Computes the mean of the recalls of the classes that occur in truth.</summary>
    /// <param name="isAdjusted">Whether chance is 0 and perfection 1.</param>
    /// <returns>The figure; adjusted undefined where one class occurs.</returns>
    public MetricValue BalancedAccuracy(bool isAdjusted = false)
    {
        double sum = 0;
        var occurring = 0;
        for (var i = 0; i < _all; i++)
        {
            if (RowSum(i) is not (> 0 and var own)) continue;
            sum += _counts[(i * _all) + i] / own;
            occurring++;
        }

        if (occurring == 0) return MetricValue.Undefined(NoRow);
        if (!isAdjusted) return sum / occurring;
        var chance = 1.0 / occurring;
        return occurring == 1 ? MetricValue.Undefined("only one class occurs") : ((sum / occurring) - chance) / (1 - chance);
    }

    /// <summary>Computes the share of the rows taken for a class that are of it.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The share, 0..1; undefined where no row was taken for it.</returns>
    public MetricValue Precision(int position) => Defined(ClassFigure.Precision, position, 1, "no row was taken for the class");

    /// <summary>Computes the share of the rows of a class that were taken for it.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The share, 0..1; undefined where no row is of the class.</returns>
    public MetricValue Recall(int position) => Defined(ClassFigure.Recall, position, 1, "no row is of the class");

    /// <summary>Computes the harmonic mean of precision and recall of a class.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The figure, 0..1; undefined where the class neither occurs nor was predicted.</returns>
    public MetricValue F1(int position) => FBeta(position, 1);

    /// <summary>Computes the harmonic mean of precision and recall of a class, where recall counts β times as much.</summary>
    /// <param name="position">The position of the class.</param>
    /// <param name="beta">β, above 0.</param>
    /// <returns>The figure, 0..1; undefined where the class neither occurs nor was predicted.</returns>
    public MetricValue FBeta(int position, double beta) => Defined(ClassFigure.F, position, CheckedBeta(beta), "no row is of the class or was taken for it");

    /// <summary>Computes the rows of a class that were taken for it, among those that are of it or were taken for it.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The figure, 0..1; undefined where the class neither occurs nor was predicted.</returns>
    public MetricValue Jaccard(int position) => Defined(ClassFigure.Jaccard, position, 1, "no row is of the class or was taken for it");

    /// <summary>Computes the share of the rows of other classes that were not taken for a class: the recall of the others.</summary>
    /// <param name="position">The position of the class.</param>
    /// <returns>The share, 0..1; undefined where every row is of the class.</returns>
    public MetricValue Specificity(int position)
    {
        var (own, taken, right) = CountsOf(position);
        var others = Total - own;
        return others > 0 ? Math.Max(0, others - (taken - right)) / others : MetricValue.Undefined("every row is of the class");
    }

    /// <summary>Computes precision over the classes.</summary>
    /// <param name="averaging">How classes become one figure.</param>
    /// <param name="zeroDivision">What counts for a class that no row was taken for.</param>
    /// <returns>The figure, 0..1.</returns>
    public MetricValue Precision(Averaging averaging, double zeroDivision = 0) => Average(ClassFigure.Precision, averaging, 1, zeroDivision);

    /// <summary>Computes recall over the classes.</summary>
    /// <param name="averaging">How classes become one figure.</param>
    /// <param name="zeroDivision">What counts for a class that no row is of.</param>
    /// <returns>The figure, 0..1.</returns>
    public MetricValue Recall(Averaging averaging, double zeroDivision = 0) => Average(ClassFigure.Recall, averaging, 1, zeroDivision);

    /// <summary>Computes F1 over the classes.</summary>
    /// <param name="averaging">How classes become one figure.</param>
    /// <param name="zeroDivision">What counts for a class that neither occurs nor was predicted.</param>
    /// <returns>The figure, 0..1.</returns>
    public MetricValue F1(Averaging averaging, double zeroDivision = 0) => Average(ClassFigure.F, averaging, 1, zeroDivision);

    /// <summary>Computes Fβ over the classes.</summary>
    /// <param name="averaging">How classes become one figure.</param>
    /// <param name="beta">β, above 0: how many times as much recall counts.</param>
    /// <param name="zeroDivision">What counts for a class that neither occurs nor was predicted.</param>
    /// <returns>The figure, 0..1.</returns>
    public MetricValue FBeta(Averaging averaging, double beta, double zeroDivision = 0) => Average(ClassFigure.F, averaging, CheckedBeta(beta), zeroDivision);

    /// <summary>Computes Jaccard's index over the classes.</summary>
    /// <param name="averaging">How classes become one figure.</param>
    /// <param name="zeroDivision">What counts for a class that neither occurs nor was predicted.</param>
    /// <returns>The figure, 0..1.</returns>
    public MetricValue Jaccard(Averaging averaging, double zeroDivision = 0) => Average(ClassFigure.Jaccard, averaging, 1, zeroDivision);

    /// <summary>Computes Matthews' correlation of truth and prediction, of any number of classes.</summary>
    /// <remarks>Source: J. Gorodkin (2004). 0 where truth or prediction has one class only.</remarks>
    /// <returns>The coefficient, −1..1.</returns>
    public MetricValue Matthews()
    {
        var scale = WeightScale.Of(Total);
        double total = Total * scale, products = 0, truths = 0, predictions = 0;
        for (var i = 0; i < _all; i++)
        {
            var (own, taken) = (RowSum(i) * scale, ColumnSum(i) * scale);
            products += own * taken;
            truths += own * own;
            predictions += taken * taken;
        }

        if (total == 0) return MetricValue.Undefined(NoRow);
        var (ofTruth, ofPrediction) = ((total * total) - truths, (total * total) - predictions);
        // What rounding leaves of one class only is no spread.
        var least = total * total * 1e-14;
        return ofTruth <= least || ofPrediction <= least ? 0 : ((Diagonal() * scale * total) - products) / Math.Sqrt(ofTruth * ofPrediction);
    }

    /// <summary>Computes Cohen's kappa: the agreement of truth and prediction beyond chance.</summary>
    /// <param name="weighting">How bad it is to take a class for another one.</param>
    /// <returns>The figure, at most 1; undefined where chance alone agrees always.</returns>
    public MetricValue CohenKappa(KappaWeighting weighting = KappaWeighting.None)
    {
        var classes = _listed.Length;
        var (own, taken) = (new double[classes], new double[classes]);
        double total = 0;
        for (var i = 0; i < classes; i++)
        {
            for (var j = 0; j < classes; j++)
            {
                own[i] += this[i, j];
                taken[j] += this[i, j];
                total += this[i, j];
            }
        }

        if (total == 0) return MetricValue.Undefined(NoRow);
        double observed = 0, expected = 0;
        var scale = WeightScale.Of(total);
        for (var i = 0; i < classes; i++)
        {
            for (var j = 0; j < classes; j++)
            {
                double apart = Math.Abs(i - j);
                var penalty = weighting switch { KappaWeighting.None => i == j ? 0 : 1, KappaWeighting.Linear => apart, _ => apart * apart };
                observed += penalty * (this[i, j] * scale);
                expected += penalty * (own[i] * scale) * (taken[j] * scale) / (total * scale);
            }
        }

        return expected > 0 ? 1 - (observed / expected) : MetricValue.Undefined("truth and prediction are of the same one class, which chance agrees on");
    }

    /// <summary>Writes the number of classes and the accuracy.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => $"{Classes.Count} classes, accuracy {Accuracy()}";

    private static IReadOnlyList<string> Checked(IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        return classes.Distinct(StringComparer.Ordinal).Count() == classes.Count ? classes : throw new ArgumentException("A class occurs twice.", nameof(classes));
    }

    private static double CheckedBeta(double beta) => beta > 0 && double.IsFinite(beta) ? beta : throw new ArgumentOutOfRangeException(nameof(beta), beta, "β is above 0.");

    private MetricValue Average(ClassFigure figure, Averaging averaging, double beta, double zeroDivision)
    {
        double sum = 0, weights = 0, own = 0, taken = 0, right = 0;
        for (var i = 0; i < _listed.Length; i++)
        {
            var counts = CountsOf(i);
            if (!_isRestricted && counts.Own == 0 && counts.Taken == 0) continue;
            (own, taken, right) = (own + counts.Own, taken + counts.Taken, right + counts.Right);
            var weight = averaging == Averaging.Weighted ? counts.Own : 1;
            sum += weight * (ClassFigures.Of(figure, counts.Own, counts.Taken, counts.Right, beta) ?? zeroDivision);
            weights += weight;
        }

        if (Total == 0) return MetricValue.Undefined(NoRow);
        if (averaging == Averaging.Micro) return ClassFigures.Of(figure, own, taken, right, beta) ?? zeroDivision;
        return weights > 0 ? sum / weights : zeroDivision;
    }

    private MetricValue Defined(ClassFigure figure, int position, double beta, string reason)
    {
        var (own, taken, right) = CountsOf(position);
        return ClassFigures.Of(figure, own, taken, right, beta) is { } value ? value : MetricValue.Undefined(reason);
    }

    private (double Own, double Taken, double Right) CountsOf(int position)
    {
        var at = _listed[position];
        return (RowSum(at), ColumnSum(at), _counts[(at * _all) + at]);
    }

    private MetricValue OfRows(Func<double, double> figure) => Total is > 0 and var total ? figure(total) : MetricValue.Undefined(NoRow);

    private double Diagonal()
    {
        double sum = 0;
        for (var i = 0; i < _all; i++) sum += _counts[(i * _all) + i];
        return sum;
    }

    private double RowSum(int at)
    {
        double sum = 0;
        for (var j = 0; j < _all; j++) sum += _counts[(at * _all) + j];
        return sum;
    }

    private double ColumnSum(int at)
    {
        double sum = 0;
        for (var i = 0; i < _all; i++) sum += _counts[(i * _all) + at];
        return sum;
    }
}
