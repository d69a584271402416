namespace Mlops.Evaluation;

/// <summary>Gain and lift against the share of rows chosen, those of the highest scores first. Immutable.</summary>
/// <param name="Points">The points, share ascending from 0 to 1, one for each distinct score; none where the curve is undefined.</param>
public sealed record LiftCurve(IReadOnlyList<LiftPoint> Points)
{
    /// <summary>Gets why there is no curve; <see langword="null"/> where there is one.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? UndefinedReason { get; init; }

    /// <summary>Gets the gain of choosing a share of the rows; between two points rows of the same score are found evenly.</summary>
    /// <param name="share">The share of the rows, by weight, 0..1: 0.1 for the tenth with the highest scores.</param>
    /// <returns>The share of the positive rows that are among them, 0..1.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not within 0..1.</exception>
    public MetricValue GainAt(double share)
    {
        if (!(share is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "A share is within 0..1.");
        if (UndefinedReason is { } reason) return MetricValue.Undefined(reason);
        var (low, high) = (0, Points.Count - 1);
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Points[middle].Share <= share) low = middle;
            else high = middle;
        }

        var (from, to) = (Points[low], Points[high]);
        return to.Share > from.Share ? from.Gain + ((to.Gain - from.Gain) * Math.Min(1, (share - from.Share) / (to.Share - from.Share))) : to.Gain;
    }

    /// <summary>Makes a curve of fewer points, for drawing.</summary>
    /// <param name="maximumPoints">The largest number of points, ≥ 2.</param>
    /// <returns>The curve: points of about equal distance along it, the first and the last among them; this one where it has no more points.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 2.</exception>
    public LiftCurve Thin(int maximumPoints)
        => this with { Points = CurveThinning.Thin(Points, maximumPoints, static (from, to) => to.Share - from.Share + (to.Gain - from.Gain)) };
}
