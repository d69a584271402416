using System.Globalization;

namespace Mlops.Validation;

/// <summary>A metric must not be further from the values of all other runs than some standard deviations (batch normal).</summary>
/// <remarks>
/// <para>Each value is compared with centre and deviation of all other values, those of later runs included; the newest one so with all before it. A value is an anomaly when it is further from the
/// centre than <see cref="Threshold"/> deviations. One extreme value widens the range for all others, and may hide them; <see cref="ZScoreEstimator.Median"/> and <see cref="OnlineZScoreRule"/> are
/// not deceived by it.</para>
/// <para>Where all other values are equal, any other value is an anomaly, unless <see cref="MinimumDeviation"/> says otherwise. A difference of 10⁻¹² of the value is rounding, and normal.</para>
/// <para>Of normal noise about 3 values in 1000 are beyond 3 deviations, with few others more: with 10 about 19, because their deviation is itself uncertain.</para>
/// <para>Source: the strategy BatchNormal of Deequ. Time O(n²) for all of n runs, O(n log n) for the newest.</para>
/// </remarks>
/// <example><code>rules.Add("*.completeness", new ZScoreRule { MinimumDeviation = 0.001 });</code></example>
public sealed record ZScoreRule : MetricRule
{
    /// <summary>Creates a rule.</summary>
    public ZScoreRule()
        : base("z-score")
    {
    }

    /// <summary>Gets how many standard deviations are too many, above 0.</summary>
    /// <value>The default value is 3.</value>
    public double Threshold { get; init; } = 3;

    /// <summary>Gets how many other values are needed, 2 or more.</summary>
    /// <value>The default value is 10.</value>
    public int MinimumPoints { get; init; } = 10;

    /// <summary>Gets the smallest standard deviation to reckon with, in the unit of the metric.</summary>
    /// <value>The default value is 0.</value>
    public double MinimumDeviation { get; init; }

    /// <summary>Gets how centre and deviation are measured.</summary>
    /// <value>The default value is <see cref="ZScoreEstimator.Mean"/>.</value>
    public ZScoreEstimator Estimator { get; init; }

    internal override string Describe() => FormattableString.Invariant($"{Threshold} deviations ({Estimator.ToString().ToLowerInvariant()}) from the other values");

    internal override IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points)
    {
        var others = new MetricBaseline();
        foreach (var point in points)
        {
            if (point.Value is { } value) others.Add(value);
        }

        foreach (var point in points)
        {
            if (point.Value is not { } value)
            {
                yield return MetricJudgement.NoValue;
                continue;
            }

            others.Remove(value);
            yield return Judge(value, others);
            others.Add(value);
        }
    }

    internal override MetricJudgement JudgeLatest(IReadOnlyList<MetricPoint> points)
    {
        if (points[^1].Value is not { } value) return MetricJudgement.NoValue;
        var others = new MetricBaseline();
        foreach (var point in points.Take(points.Count - 1))
        {
            if (point.Value is { } other) others.Add(other);
        }

        return Judge(value, others);
    }

    internal override void Check()
    {
        base.Check();
        CheckPositive(Threshold, nameof(Threshold));
        CheckLimit(MinimumDeviation, nameof(MinimumDeviation));
        ArgumentOutOfRangeException.ThrowIfLessThan(MinimumPoints, 2, nameof(MinimumPoints));
    }

    private MetricJudgement Judge(double value, MetricBaseline others) => others.Count < MinimumPoints
        ? MetricJudgement.NotEnough(string.Create(CultureInfo.InvariantCulture, $"{others.Count} other runs have a value, and the rule needs {MinimumPoints}"))
        : MetricJudgement.Of(value, others.GetRange(Estimator, Threshold, MinimumDeviation));
}
