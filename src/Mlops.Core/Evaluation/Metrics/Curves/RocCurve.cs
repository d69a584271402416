namespace Mlops.Evaluation;

/// <summary>The receiver operating characteristic: the share of positive rows found against the share of negative rows taken for positive, for each threshold. Immutable.</summary>
/// <param name="Points">The points, from (0, 0) to (1, 1), one for each distinct score, highest first; none where the curve is undefined.</param>
public sealed record RocCurve(IReadOnlyList<RocPoint> Points)
{
    /// <summary>Gets why there is no curve; <see langword="null"/> where there is one.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public string? UndefinedReason { get; init; }

    /// <summary>Gets the area under the curve.</summary>
    public MetricValue Area
    {
        get
        {
            if (UndefinedReason is { } reason) return MetricValue.Undefined(reason);
            double area = 0;
            for (var i = 1; i < Points.Count; i++)
                area += (Points[i].FalsePositiveRate - Points[i - 1].FalsePositiveRate) * (Points[i].TruePositiveRate + Points[i - 1].TruePositiveRate) / 2;
            return area;
        }
    }

    /// <summary>Makes a curve of fewer points, for drawing.</summary>
    /// <param name="maximumPoints">The largest number of points, ≥ 2.</param>
    /// <returns>The curve: points of about equal distance along it, the first and the last among them; this one where it has no more points.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 2.</exception>
    public RocCurve Thin(int maximumPoints)
        => this with { Points = CurveThinning.Thin(Points, maximumPoints, static (from, to) => to.FalsePositiveRate - from.FalsePositiveRate + (to.TruePositiveRate - from.TruePositiveRate)) };
}
