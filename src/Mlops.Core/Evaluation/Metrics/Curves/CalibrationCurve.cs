namespace Mlops.Evaluation;

/// <summary>How often rows are positive, against the probability that was predicted: on the diagonal a probability means what it says. Immutable.</summary>
/// <param name="Bins">The bins of equal width on [0, 1] that have rows, ascending; none where the curve is undefined.</param>
public sealed record CalibrationCurve(IReadOnlyList<CalibrationBin> Bins)
{
    /// <summary>Gets why there is no curve; <see langword="null"/> where there is one.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? UndefinedReason { get; init; }

    /// <summary>Gets the expected calibration error: the mean gap of the bins, by their weight, 0..1.</summary>
    /// <remarks>Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht, AAAI 2015.</remarks>
    public MetricValue ExpectedError
    {
        get
        {
            if (UndefinedReason is { } reason) return MetricValue.Undefined(reason);
            double sum = 0, weights = 0;
            foreach (var bin in Bins)
            {
                sum += bin.Weight * bin.Gap;
                weights += bin.Weight;
            }

            return sum / weights;
        }
    }

    /// <summary>Gets the maximum calibration error: the largest gap of a bin, 0..1.</summary>
    public MetricValue MaximumError => UndefinedReason is { } reason ? MetricValue.Undefined(reason) : Bins.Max(bin => bin.Gap);
}
