namespace Mlops.Evaluation;

/// <summary>Precision against recall, for each threshold. Immutable.</summary>
/// <param name="Points">The points, recall ascending from 0, one for each distinct score, highest first; none where the curve is undefined.</param>
public sealed record PrecisionRecallCurve(IReadOnlyList<PrecisionRecallPoint> Points)
{
    /// <summary>Gets why there is no curve; <see langword="null"/> where there is one.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? UndefinedReason { get; init; }

    /// <summary>Makes a curve of fewer points, for drawing.</summary>
    /// <param name="maximumPoints">The largest number of points, ≥ 2.</param>
    /// <returns>The curve: points of about equal distance along it, the first and the last among them; this one where it has no more points.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 2.</exception>
    public PrecisionRecallCurve Thin(int maximumPoints)
        => this with { Points = CurveThinning.Thin(Points, maximumPoints, static (from, to) => to.Recall - from.Recall + Math.Abs(to.Precision - from.Precision)) };
}
