namespace Mlops.Evaluation;

/// <summary>The figures of scores of two classes, made together by one walk over the rows: of all rows, or of those of a slice. Immutable.</summary>
/// <remarks>Figures of decisions need a threshold; those of ranks do not; those of probabilities are undefined where a score lies outside 0..1.</remarks>
public sealed class BinaryFigures
{
    internal const string NoRow = "no row has a label, a prediction and a weight";
    internal const string OneClass = "only one class occurs";
    internal const string NoPositive = "no row is positive";
    internal const string NoProbability = "a score is no probability from 0 to 1";

    private static readonly string[] s_classes = ["0", "1"];

    internal BinaryFigures()
    {
    }

    /// <summary>Gets the number of rows with a weight above 0.</summary>
    public long RowCount { get; internal init; }

    /// <summary>Gets the weight of the positive rows.</summary>
    public double PositiveWeight => TruePositiveWeight + FalseNegativeWeight;

    /// <summary>Gets the weight of the negative rows.</summary>
    public double NegativeWeight => FalsePositiveWeight + TrueNegativeWeight;

    /// <summary>Gets the weight of the positive rows that are taken for positive.</summary>
    public double TruePositiveWeight { get; internal init; }

    /// <summary>Gets the weight of the positive rows that are not.</summary>
    public double FalseNegativeWeight { get; internal init; }

    /// <summary>Gets the weight of the negative rows that are taken for positive.</summary>
    public double FalsePositiveWeight { get; internal init; }

    /// <summary>Gets the weight of the negative rows that are not.</summary>
    public double TrueNegativeWeight { get; internal init; }

    /// <summary>Gets the area under the ROC curve: how probably a positive row has a larger score than a negative one, ties counting one half. 0.5 is chance, 1 is perfect.</summary>
    /// <remarks>Source: H. B. Mann, D. R. Whitney (1947), with weights.</remarks>
    public MetricValue RocAuc { get; internal init; }

    /// <summary>Gets the largest difference between the rates of true and of false positives over all thresholds, 0..1.</summary>
    public MetricValue KolmogorovSmirnov { get; internal init; }

    /// <summary>Gets the average precision: Σ (Rₙ − Rₙ₋₁) Pₙ over distinct scores, highest first, 0..1.</summary>
    public MetricValue AveragePrecision { get; internal init; }

    /// <summary>Gets the area under the precision–recall curve by trapezoids, with the end point (recall 0, precision 1), 0..1.</summary>
    public MetricValue PrecisionRecallArea { get; internal init; }

    /// <summary>Gets the mean negative logarithm of the probability given to what is true, in nats; probabilities are kept 2⁻⁵² away from 0 and 1.</summary>
    public MetricValue LogLoss { get; internal init; }

    /// <summary>Gets the Brier score: the mean squared difference between the probability and 1 for a positive row, 0 for another, 0..1.</summary>
    /// <remarks>Source: G. W. Brier (1950).</remarks>
    public MetricValue Brier { get; internal init; }

    /// <summary>Gets the calibration curve, with the expected and the maximum calibration error.</summary>
    public CalibrationCurve Calibration { get; internal init; } = new([]);

    /// <summary>Gets the decisions as a confusion matrix of the classes <c>0</c> and <c>1</c>.</summary>
    public ConfusionMatrix Confusion { get => field ??= ConfusionMatrix.OfCounts(s_classes, [TrueNegativeWeight, FalsePositiveWeight, FalseNegativeWeight, TruePositiveWeight]); }
}
