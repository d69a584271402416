using System.Runtime.InteropServices;

namespace Mlops.Evaluation;

/// <summary>Collects predicted and true numbers, and computes their metrics and curves exactly, those of medians and ranks among them. Mergeable; not safe for concurrent use while rows are added.</summary>
/// <remarks>
/// <para>Rows of weight 0 are left out, but for the largest error. A weight counts as so many copies of its row: of whole weights every figure is that of the repeated rows.</para>
/// <para>Partials merged in order give the same bits as one pass. Memory: 16 bytes for each row, 8 more with weights. See <see cref="RegressionMoments"/> for bounded memory.</para>
/// </remarks>
public sealed class RegressionScores
{
    private readonly List<double> _predictions = [];
    private readonly List<double> _labels = [];
    private readonly List<double> _weights = [];
    private readonly RegressionMoments _ignored = new();
    private RegressionMoments? _moments;

    /// <summary>Gets the number of rows with a weight above 0.</summary>
    public int RowCount => _labels.Count;

    /// <summary>Gets the metrics that need no sorting.</summary>
    public RegressionMoments Moments
    {
        get
        {
            if (_moments is { } known) return known;
            var moments = new RegressionMoments();
            moments.Add(Predictions, Labels, Weights);
            moments.Merge(_ignored);
            return _moments = moments;
        }
    }

    private ReadOnlySpan<double> Predictions => CollectionsMarshal.AsSpan(_predictions);

    private ReadOnlySpan<double> Labels => CollectionsMarshal.AsSpan(_labels);

    private ReadOnlySpan<double> Weights => CollectionsMarshal.AsSpan(_weights);

    /// <summary>Collects rows.</summary>
    /// <param name="predictions">The predictions, shape (n), finite.</param>
    /// <param name="labels">The labels, shape (n), finite.</param>
    /// <param name="weights">The weights, shape (n), finite, ≥ 0; empty where every row counts alike.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a number is not finite, or a weight is negative or not finite.</exception>
    public static RegressionScores Of(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights = default)
    {
        var collected = new RegressionScores();
        collected.Add(predictions, labels, weights);
        return collected;
    }

    /// <summary>Collects the rows of outcomes; those that cannot be judged are left out.</summary>
    /// <param name="outcomes">The outcomes of a regression.</param>
    /// <returns>The rows.</returns>
    /// <exception cref="ArgumentException">The outcomes are those of a classification.</exception>
    public static RegressionScores Of(ModelOutcomes outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        if (outcomes.IsClassification) throw new ArgumentException("The outcomes are probabilities of classes, not predicted numbers.", nameof(outcomes));
        var judged = outcomes.Judged;
        return Of(judged.Predictions, judged.Labels, judged.Weights);
    }

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
        _moments = null;
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1 : weights[i];
            if (weight == 0)
            {
                // The largest error is that of any row.
                _ignored.Add([predictions[i]], [labels[i]], [0]);
                continue;
            }

            _predictions.Add(predictions[i]);
            _labels.Add(labels[i]);
            _weights.Add(weight);
        }
    }

    /// <summary>Adds the rows of another one after those of this one.</summary>
    /// <param name="other">The other one; it stays as it is.</param>
    public void Merge(RegressionScores other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _moments = null;
        _ignored.Merge(other._ignored);
        _predictions.AddRange(other._predictions);
        _labels.AddRange(other._labels);
        _weights.AddRange(other._weights);
    }

    /// <summary>Computes the median of |prediction − label|, in the label's unit.</summary>
    /// <returns>The figure, ≥ 0: half of the weight is below it, and half above; the mean of the two in the middle where two are.</returns>
    public MetricValue MedianAbsoluteError()
    {
        if (RowCount == 0) return MetricValue.Undefined(RegressionMoments.NoRow);
        var errors = new double[RowCount];
        for (var i = 0; i < errors.Length; i++) errors[i] = Math.Abs(_predictions[i] - _labels[i]);
        return WeightedQuantile.Sort(errors, Weights).Median();
    }

    /// <summary>Computes Spearman's correlation of labels and predictions: Pearson's of their ranks, those of ties averaged.</summary>
    /// <returns>The coefficient, −1..1; undefined where either is constant.</returns>
    public MetricValue Spearman()
    {
        var moments = new CoMoments();
        var (predictions, labels) = (RankCorrelation.Ranks(Predictions, Weights), RankCorrelation.Ranks(Labels, Weights));
        for (var i = 0; i < labels.Length; i++) moments.Add(labels[i], predictions[i], _weights[i]);
        return moments.Correlation;
    }

    /// <summary>Computes Kendall's τ-b of labels and predictions: the pairs in the same order less those in the other one, corrected for ties. Time O(n log n).</summary>
    /// <remarks>Source: W. R. Knight, "A computer method for calculating Kendall's tau with ungrouped data", JASA 61, 1966, with weights.</remarks>
    /// <returns>The coefficient, −1..1; undefined where either is constant.</returns>
    public MetricValue KendallTauB() => RankCorrelation.Kendall(Predictions, Labels, Weights);

    /// <summary>Computes the excess kurtosis of the residuals e: mean((e − ē)⁴) / mean((e − ē)²)² − 3, which is 0 for a normal distribution.</summary>
    /// <returns>The kurtosis, ≥ −2; undefined where all residuals are the same.</returns>
    public MetricValue ErrorKurtosis()
    {
        if (RowCount == 0) return MetricValue.Undefined(RegressionMoments.NoRow);
        var bias = Moments.MeanBias().Value;
        double second = 0, fourth = 0;
        for (var i = 0; i < RowCount; i++)
        {
            var error = _predictions[i] - _labels[i] - bias;
            second += _weights[i] * error * error;
            fourth += _weights[i] * error * error * error * error;
        }

        // What rounding leaves of equal errors is no spread.
        var total = Moments.TotalWeight;
        return Math.Sqrt(second / total) <= Moments.MaximumError().Value * 1e-14
            ? MetricValue.Undefined("all residuals are the same")
            : (fourth / total / (second / total * (second / total))) - 3;
    }

    /// <summary>Shows how residuals, prediction − label, are spread over the range of predictions.</summary>
    /// <param name="bins">The number of bins of about equal weight, ≥ 1; rows of the same prediction are in one bin.</param>
    /// <returns>The curve; undefined without rows.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no bin.</exception>
    public ResidualCurve ResidualCurve(int bins = 10)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        return RowCount == 0 ? new ResidualCurve([]) { UndefinedReason = RegressionMoments.NoRow } : ResidualBins.Fill(Predictions, Labels, Weights, bins);
    }
}
