namespace Mlops.Evaluation;

/// <summary>The errors e = prediction − label of a regression in bounded memory, with every metric that needs no sorting. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>Rows of weight 0 are left out of every figure but <see cref="MaximumError"/>. Partials merged agree with one pass to the rounding of sums, relatively about 10⁻¹⁵ for each merge; the same order of merging gives the same bits.</para>
/// <para>See <see cref="RegressionScores"/> for medians and ranks.</para>
/// </remarks>
public sealed class RegressionMoments
{
    internal const string NoRow = "no row has a label, a prediction and a weight";

    private readonly double _huberDelta;
    private CoMoments _labels = new();
    private CoMoments _errors = new();
    private double _squares;
    private double _absolutes;
    private double _over;
    private double _under;
    private double _largest;
    private double _largestOfAny;
    private double _relative;
    private double _symmetric;
    private double _huber;
    private double _squaredLogs;
    private double _poisson;
    private double _gamma;
    private double _squaredWeights;
    private bool _hasNoLogarithm;
    private bool _hasNoPoisson;
    private bool _hasNoGamma;

    /// <summary>Creates moments without rows.</summary>
    /// <param name="huberDelta">The error up to which Huber's loss is quadratic, above 0, in the label's unit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The error is not above 0.</exception>
    public RegressionMoments(double huberDelta = 1)
    {
        if (!(huberDelta > 0) || double.IsInfinity(huberDelta)) throw new ArgumentOutOfRangeException(nameof(huberDelta), huberDelta, "It is above 0.");
        _huberDelta = huberDelta;
    }

    /// <summary>Gets the number of rows with a weight above 0.</summary>
    public long RowCount { get; private set; }

    /// <summary>Gets the sum of the weights.</summary>
    public double TotalWeight { get; private set; }

    /// <summary>Adds rows.</summary>
    /// <param name="predictions">The predictions, shape (n), finite.</param>
    /// <param name="labels">The labels, shape (n), finite.</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike.</param>
    /// <exception cref="ArgumentException">The lengths differ, a number is not finite, or a weight is negative or not finite; nothing was added.</exception>
    public void Add(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        MetricInput.CheckLengths(predictions.Length, labels.Length, weights.Length);
        MetricInput.CheckFinite(predictions, "Prediction", nameof(predictions));
        MetricInput.CheckFinite(labels, "Label", nameof(labels));
        MetricInput.CheckWeights(weights);
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            _largestOfAny = Math.Max(_largestOfAny, Math.Abs(predictions[i] - labels[i]));
            if (weight > 0) Add(predictions[i], labels[i], weight);
        }
    }

    /// <summary>Adds the rows of another one.</summary>
    /// <param name="other">The other one; it stays as it is.</param>
    /// <exception cref="ArgumentException">Its Huber loss is another one.</exception>
    public void Merge(RegressionMoments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._huberDelta != _huberDelta) throw new ArgumentException("Huber's losses of the two are quadratic up to different errors, so that they cannot be added.", nameof(other));
        RowCount += other.RowCount;
        TotalWeight += other.TotalWeight;
        _labels.Merge(other._labels);
        _errors.Merge(other._errors);
        _squares += other._squares;
        _absolutes += other._absolutes;
        _over += other._over;
        _under += other._under;
        _largest = Math.Max(_largest, other._largest);
        _largestOfAny = Math.Max(_largestOfAny, other._largestOfAny);
        _relative += other._relative;
        _symmetric += other._symmetric;
        _huber += other._huber;
        _squaredLogs += other._squaredLogs;
        _poisson += other._poisson;
        _gamma += other._gamma;
        _squaredWeights += other._squaredWeights;
        _hasNoLogarithm |= other._hasNoLogarithm;
        _hasNoPoisson |= other._hasNoPoisson;
        _hasNoGamma |= other._hasNoGamma;
    }

    /// <summary>Computes mean(|e|), in the label's unit.</summary>
    /// <returns>The figure, ≥ 0.</returns>
    public MetricValue MeanAbsoluteError() => Mean(_absolutes);

    /// <summary>Computes mean(e²), in the square of the label's unit.</summary>
    /// <returns>The figure, ≥ 0.</returns>
    public MetricValue MeanSquaredError() => Mean(_squares);

    /// <summary>Computes √mean(e²), in the label's unit.</summary>
    /// <returns>The figure, ≥ 0.</returns>
    public MetricValue RootMeanSquaredError() => MeanSquaredError() is { IsDefined: true } mean ? Math.Sqrt(mean.Value) : MeanSquaredError();

    /// <summary>Computes mean(e), in the label's unit.</summary>
    /// <returns>The figure; above 0 where predictions are too large.</returns>
    public MetricValue MeanBias() => Mean(_over - _under);

    /// <summary>Computes the standard error of <see cref="MeanBias"/>: by how much chance alone moves it.</summary>
    /// <returns>The figure, ≥ 0, in the label's unit.</returns>
    public MetricValue MeanBiasStandardError() => RowCount > 0 ? Math.Sqrt(_errors.SpreadX / TotalWeight * _squaredWeights) / TotalWeight : MetricValue.Undefined(NoRow);

    /// <summary>Computes the largest |e| of any row, whatever its weight, those of weight 0 among them, in the label's unit.</summary>
    /// <returns>The figure, ≥ 0.</returns>
    public MetricValue MaximumError() => RowCount > 0 ? _largestOfAny : MetricValue.Undefined(NoRow);

    /// <summary>Computes the coefficient of determination, 1 − Σe² / Σ(label − mean label)².</summary>
    /// <remarks>A constant truth is predicted perfectly (1), or not at all (0).</remarks>
    /// <returns>The figure, at most 1; undefined for one row.</returns>
    public MetricValue RSquared()
        => RowCount == 0 ? MetricValue.Undefined(NoRow)
            : RowCount == 1 ? MetricValue.Undefined("one row has no spread")
            : _labels.IsConstantX ? (_largest == 0 ? 1 : 0)
            : 1 - (_squares / _labels.SpreadX);

    /// <summary>Computes the explained variance, 1 − Σ(e − mean e)² / Σ(label − mean label)²: as R², but blind to a constant bias.</summary>
    /// <remarks>A constant truth is explained perfectly (1), or not at all (0).</remarks>
    /// <returns>The figure, at most 1.</returns>
    public MetricValue ExplainedVariance()
        => RowCount == 0 ? MetricValue.Undefined(NoRow)
            : _errors.IsConstantX ? 1
            : _labels.IsConstantX ? 0
            : 1 - (_errors.SpreadX / _labels.SpreadX);

    /// <summary>Computes mean(|e| / max(|label|, 2⁻⁵²)), a fraction, not per cent.</summary>
    /// <returns>The figure, ≥ 0; enormous where a label is 0.</returns>
    public MetricValue MeanAbsolutePercentageError() => Mean(_relative);

    /// <summary>Computes mean(2|e| / (|label| + |prediction|)), where 0/0 is 0.</summary>
    /// <returns>The figure, 0..2.</returns>
    public MetricValue SymmetricMeanAbsolutePercentageError() => Mean(_symmetric);

    /// <summary>Computes the pinball loss of predictions of a quantile: mean(max(a (label − prediction), (a − 1)(label − prediction))).</summary>
    /// <param name="quantile">The quantile a, 0..1.</param>
    /// <returns>The figure, ≥ 0, in the label's unit.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The quantile is not within 0..1.</exception>
    public MetricValue Pinball(double quantile)
        => quantile is >= 0 and <= 1 ? Mean((quantile * _under) + ((1 - quantile) * _over)) : throw new ArgumentOutOfRangeException(nameof(quantile), quantile, "A quantile is within 0..1.");

    /// <summary>Computes Huber's loss: mean of e²/2 up to δ, and δ(|e| − δ/2) beyond.</summary>
    /// <remarks>Source: P. J. Huber (1964).</remarks>
    /// <returns>The figure, ≥ 0.</returns>
    public MetricValue Huber() => Mean(_huber);

    /// <summary>Computes √mean((ln(1 + prediction) − ln(1 + label))²).</summary>
    /// <returns>The figure, ≥ 0; undefined where a label or prediction is −1 or below.</returns>
    public MetricValue RootMeanSquaredLogarithmicError()
        => _hasNoLogarithm ? MetricValue.Undefined("a label or prediction is −1 or below") : Mean(_squaredLogs) is { IsDefined: true } mean ? Math.Sqrt(mean.Value) : Mean(_squaredLogs);

    /// <summary>Computes the deviance of Poisson's distribution: 2 mean(label ln(label / prediction) − label + prediction).</summary>
    /// <returns>The figure, ≥ 0; undefined where a label is negative or a prediction is not above 0.</returns>
    public MetricValue PoissonDeviance() => _hasNoPoisson ? MetricValue.Undefined("a label is negative, or a prediction is not above 0") : Mean(2 * _poisson);

    /// <summary>Computes the deviance of the gamma distribution: 2 mean(ln(prediction / label) + label / prediction − 1).</summary>
    /// <returns>The figure, ≥ 0; undefined where a label or prediction is not above 0.</returns>
    public MetricValue GammaDeviance() => _hasNoGamma ? MetricValue.Undefined("a label or prediction is not above 0") : Mean(2 * _gamma);

    /// <summary>Computes Pearson's correlation of labels and predictions.</summary>
    /// <returns>The coefficient, −1..1; undefined where either is constant.</returns>
    public MetricValue Pearson() => _labels.Correlation;

    private MetricValue Mean(double sum) => RowCount > 0 ? sum / TotalWeight : MetricValue.Undefined(NoRow);

    private void Add(double prediction, double label, double weight)
    {
        var error = prediction - label;
        var absolute = Math.Abs(error);
        RowCount++;
        TotalWeight += weight;
        _squaredWeights += weight * weight;
        _labels.Add(label, prediction, weight);
        _errors.Add(error, 0, weight);
        _squares += weight * error * error;
        _absolutes += weight * absolute;
        if (error > 0) _over += weight * error;
        else _under -= weight * error;
        _largest = Math.Max(_largest, absolute);
        _relative += weight * absolute / Math.Max(Math.Abs(label), Probability.Epsilon);
        if (absolute > 0) _symmetric += weight * 2 * (absolute / (Math.Abs(label) + Math.Abs(prediction)));
        _huber += weight * (absolute <= _huberDelta ? error * error / 2 : _huberDelta * (absolute - (_huberDelta / 2)));
        AddLogarithms(prediction, label, weight);
    }

    private void AddLogarithms(double prediction, double label, double weight)
    {
        if (prediction > -1 && label > -1)
        {
            var difference = LogOnePlus(prediction) - LogOnePlus(label);
            _squaredLogs += weight * difference * difference;
        }
        else
        {
            _hasNoLogarithm = true;
        }

        if (prediction > 0 && label >= 0) _poisson += weight * ((label > 0 ? label * Math.Log(label / prediction) : 0) - label + prediction);
        else _hasNoPoisson = true;
        if (prediction > 0 && label > 0) _gamma += weight * (Math.Log(prediction / label) + (label / prediction) - 1);
        else _hasNoGamma = true;
    }

    /// <summary>ln(1 + x), exact for small x.</summary>
    /// <remarks>Source: W. Kahan's correction, in D. Goldberg, "What every computer scientist should know about floating-point arithmetic", 1991, theorem 4.</remarks>
    private static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : double.IsInfinity(sum) ? Math.Log(x) : Math.Log(sum) * (x / (sum - 1));
    }
}
