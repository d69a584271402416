namespace Mlops.Evaluation;

/// <summary>What a model gave for rows, whatever its task, beside what is true of them. Immutable, safe for concurrent use.</summary>
/// <remarks>
/// Rows are in their dataset's order, each of them, so that they can be set beside its columns. Whoever judges leaves out those without a label, a prediction or a
/// weight above 0 (<see cref="Judged"/>). Memory: 8 bytes for each class, the label and the weight of a row.
/// </remarks>
public sealed class ModelOutcomes
{
    /// <summary>The label of a row whose class is none of the model's.</summary>
    public const double UnknownClass = -1;

    private readonly double[] _predictions;
    private readonly double[] _labels;
    private readonly double[] _weights;
    private ModelOutcomes? _judged;
    private OutcomeFigures? _figures;

    /// <summary>Creates outcomes over the caller's arrays, which the caller must not change afterwards.</summary>
    /// <param name="classes">The classes; none for predicted numbers.</param>
    /// <param name="predictions">Numbers, shape (rows), or probabilities, shape (rows × classes).</param>
    /// <param name="labels">True numbers or positions of the true class, shape (rows); NaN where there is none, <see cref="UnknownClass"/> where the model does not know it.</param>
    /// <param name="weights">The weights, shape (rows), finite, ≥ 0, those of 0 leaving rows out; empty where every row counts alike.</param>
    /// <exception cref="ArgumentException">The arrays do not belong together, a label is no position of a class, or a weight is negative or not finite.</exception>
    public ModelOutcomes(IReadOnlyList<string> classes, double[] predictions, double[] labels, double[]? weights = null)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(labels);
        Classes = classes;
        _predictions = predictions;
        _labels = labels;
        _weights = weights ?? [];
        if (predictions.Length != labels.Length * Width)
            throw new ArgumentException($"{labels.Length} rows of {Width} predictions each were expected; there are {predictions.Length} predictions.", nameof(predictions));
        if (_weights.Length > 0 && _weights.Length != labels.Length)
            throw new ArgumentException($"There are {_weights.Length} weights for {labels.Length} rows.", nameof(weights));
        MetricInput.CheckWeights(_weights);
        if (IsClassification && labels.Any(label => !double.IsNaN(label) && (!double.IsInteger(label) || label < UnknownClass || label >= classes.Count)))
            throw new ArgumentException($"A label is no position of one of the {classes.Count} classes.", nameof(labels));
    }

    private ModelOutcomes(IReadOnlyList<string> classes, double[] predictions, double[] labels, double[] weights, bool isJudged)
    {
        (Classes, _predictions, _labels, _weights) = (classes, predictions, labels, weights);
        if (isJudged) _judged = this;
    }

    /// <summary>Gets the classes whose probabilities are predicted, in order; none for predicted numbers.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Gets whether the model tells classes apart; otherwise it predicts numbers.</summary>
    public bool IsClassification => Classes.Count > 0;

    /// <summary>Gets what the model tells of a row.</summary>
    public ModelTask Task => Classes.Count switch { 0 => ModelTask.Regression, <= 2 => ModelTask.BinaryClassification, _ => ModelTask.MulticlassClassification };

    /// <summary>Gets the number of rows.</summary>
    public int RowCount => _labels.Length;

    /// <summary>Gets the number of predictions of each row: the number of classes, or 1.</summary>
    public int Width => Math.Max(1, Classes.Count);

    /// <summary>Gets the predictions: numbers, shape (rows), or probabilities, shape (rows × classes); not finite where the model gave none.</summary>
    public ReadOnlySpan<double> Predictions => _predictions;

    /// <summary>Gets what is true, shape (rows): the number, or the position of the class; NaN where a row has no label, <see cref="UnknownClass"/> where the model does not know its class.</summary>
    public ReadOnlySpan<double> Labels => _labels;

    /// <summary>Gets the weights, shape (rows); empty where every row counts alike.</summary>
    public ReadOnlySpan<double> Weights => _weights;

    /// <summary>Gets the number of rows without a label.</summary>
    public int MissingLabelCount => _labels.Count(double.IsNaN);

    /// <summary>Gets the number of rows whose class is none of the model's.</summary>
    public int UnknownLabelCount => IsClassification ? _labels.Count(label => label == UnknownClass) : 0;

    /// <summary>Gets the number of rows for which the model gave NaN or an infinity.</summary>
    public int MissingPredictionCount
    {
        get
        {
            var count = 0;
            for (var row = 0; row < RowCount; row++)
            {
                if (!IsPredicted(row)) count++;
            }

            return count;
        }
    }

    /// <summary>Gets the rows that can be judged: those with a finite label that the model knows, a finite prediction and a weight above 0.</summary>
    public ModelOutcomes Judged => _judged ??= Judge();

    /// <summary>Gets what metrics of these rows, which can be judged, share.</summary>
    internal OutcomeFigures Figures => _figures ?? Interlocked.CompareExchange(ref _figures, new OutcomeFigures(WeightScale.Apply(Judged)), null) ?? _figures;

    /// <summary>Tells whether the model gave finite numbers for a row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>Whether it did.</returns>
    public bool IsPredicted(int row)
    {
        foreach (var prediction in GetPredictions(row))
        {
            if (!double.IsFinite(prediction)) return false;
        }

        return true;
    }

    /// <summary>Gets the predictions of a row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The predictions, shape (<see cref="Width"/>).</returns>
    public ReadOnlySpan<double> GetPredictions(int row) => _predictions.AsSpan(row * Width, Width);

    /// <summary>Gets the position of the predicted class of a row: of two classes the positive one, the last, from probability 0.5 on; of more the most probable one, the first of several.</summary>
    /// <remarks>Two scores that are no probabilities have no threshold of 0.5: the larger one decides, and the last class wins a tie.</remarks>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The position; −1 where the model gave no finite numbers.</returns>
    public int GetPredictedClass(int row)
    {
        if (!IsPredicted(row)) return -1;
        var probabilities = GetPredictions(row);
        if (probabilities.Length == 2)
        {
            var (negative, positive) = (probabilities[0], probabilities[1]);
            return (negative is >= 0 and <= 1 && positive is >= 0 and <= 1 ? positive >= BinaryScores.DefaultThreshold : positive >= negative) ? 1 : 0;
        }

        var best = 0;
        for (var i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best]) best = i;
        }

        return best;
    }

    /// <summary>Gets the weight of a row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The weight, ≥ 0; 1 where every row counts alike.</returns>
    public double GetWeight(int row) => _weights.Length == 0 ? 1 : _weights[row];

    /// <summary>Makes outcomes of some of the rows, copied.</summary>
    /// <param name="rows">The rows, from 0, in their new order.</param>
    /// <returns>The outcomes.</returns>
    public ModelOutcomes Select(ReadOnlySpan<int> rows)
    {
        var (predictions, labels, weights) = (new double[rows.Length * Width], new double[rows.Length], _weights.Length == 0 ? _weights : new double[rows.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            GetPredictions(rows[i]).CopyTo(predictions.AsSpan(i * Width));
            labels[i] = _labels[rows[i]];
            if (weights.Length > 0) weights[i] = _weights[rows[i]];
        }

        return new ModelOutcomes(Classes, predictions, labels, weights);
    }

    /// <summary>Makes outcomes of the same rows with other weights; predictions and labels are shared.</summary>
    /// <param name="weights">The weights, shape (rows), finite, ≥ 0, which the caller must not change afterwards; empty where every row counts alike.</param>
    /// <returns>The outcomes.</returns>
    /// <exception cref="ArgumentException">There is another number of weights than of rows, or one is negative or not finite.</exception>
    public ModelOutcomes WithWeights(double[] weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return new ModelOutcomes(Classes, _predictions, _labels, weights);
    }

    /// <summary>Makes outcomes of two classes of which the given one is last, as that is the positive one; of more than two the others are one class together.</summary>
    /// <param name="positive">The class.</param>
    /// <returns>The outcomes; these themselves where the class is the last of two.</returns>
    /// <exception cref="EntityNotFoundException">There is no such class.</exception>
    public ModelOutcomes WithPositiveClass(string positive)
    {
        ArgumentNullException.ThrowIfNull(positive);
        var position = Enumerable.Range(0, Classes.Count).FirstOrDefault(i => Classes[i] == positive, -1);
        if (position < 0)
            throw new EntityNotFoundException("class", positive, Classes.Count == 0 ? $"The model predicts numbers; it has no class '{positive}'." : $"The model has no class '{positive}'. Its classes are: {string.Join(", ", Classes)}.");
        if (Classes.Count == 2 && position == 1) return this;
        var (predictions, labels) = (new double[2 * RowCount], new double[RowCount]);
        for (var row = 0; row < RowCount; row++)
        {
            var probabilities = GetPredictions(row);
            var own = probabilities[position];
            // A row without a finite number for some class stays without one.
            (predictions[2 * row], predictions[(2 * row) + 1]) = (Classes.Count == 2 ? probabilities[1 - position] : IsPredicted(row) ? 1 - own : double.NaN, own);
            labels[row] = double.IsNaN(_labels[row]) || _labels[row] == UnknownClass ? _labels[row] : _labels[row] == position ? 1 : 0;
        }

        return new ModelOutcomes([Classes.Count == 2 ? Classes[1 - position] : $"not {positive}", positive], predictions, labels, _weights);
    }

    /// <summary>Makes outcomes of rows that are known to be such as can be judged, unchecked.</summary>
    internal static ModelOutcomes OfJudged(IReadOnlyList<string> classes, double[] predictions, double[] labels, double[] weights) => new(classes, predictions, labels, weights, isJudged: true);

    /// <summary>Tells whether a row can be judged.</summary>
    internal bool IsJudged(int row) => IsPredicted(row) && double.IsFinite(_labels[row]) && (!IsClassification || _labels[row] >= 0) && GetWeight(row) > 0;

    private ModelOutcomes Judge()
    {
        var rows = Enumerable.Range(0, RowCount).Where(IsJudged).ToArray();
        var judged = rows.Length == RowCount ? this : Select(rows);
        judged._judged = judged;
        return judged;
    }
}
