namespace Mlops.Validation;

/// <summary>A metric must lie between fixed limits, ends included. Needs no history.</summary>
/// <example><code>rules.Add("row_count", new ThresholdRule { Minimum = 1000 });</code></example>
public sealed record ThresholdRule : MetricRule
{
    /// <summary>Creates a rule.</summary>
    public ThresholdRule()
        : base("threshold")
    {
    }

    /// <summary>Gets the smallest value, in the unit of the metric.</summary>
    /// <value>The default value is <see langword="null"/>: none.</value>
    public double? Minimum { get; init; }

    /// <summary>Gets the largest value, in the unit of the metric.</summary>
    /// <value>The default value is <see langword="null"/>: none.</value>
    public double? Maximum { get; init; }

    internal override string Describe() => new MetricRange(Minimum ?? double.NegativeInfinity, Maximum ?? double.PositiveInfinity).ToString();

    internal override IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points)
    {
        var range = new MetricRange(Minimum ?? double.NegativeInfinity, Maximum ?? double.PositiveInfinity);
        return points.Select(point => point.Value is { } value ? MetricJudgement.Of(value, range) : MetricJudgement.NoValue);
    }

    internal override void Check()
    {
        base.Check();
        if (Minimum is null && Maximum is null) throw new ArgumentException("A threshold rule needs a Minimum, a Maximum or both.");
        if ((Minimum is { } minimum && !double.IsFinite(minimum)) || (Maximum is { } maximum && !double.IsFinite(maximum)) || Minimum > Maximum)
            throw new ArgumentException("Minimum and Maximum of a threshold rule are finite numbers, the first not above the second.");
    }
}
