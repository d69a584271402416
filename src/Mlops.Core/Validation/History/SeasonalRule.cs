namespace Mlops.Validation;

/// <summary>A metric must be what trend and season let expect: additive Holt–Winters smoothing, and before there is enough for it the value one season ago.</summary>
/// <remarks>
/// <para>Each value is compared with what the normal values before it let expect, and is an anomaly when it is further from that than <see cref="Threshold"/> times the deviation of the errors made so
/// far. What is found to be an anomaly does not become part of them; the expectation stands in for it. Later runs never change a verdict.</para>
/// <para>The first two seasons are taken as they are. Then a value is compared with the one a season before (seasonal naive), and from <see cref="SmoothingSeasons"/> seasons on with the smoothing,
/// whose weights are those with the least squared one-step error over the values before, found anew by a fixed search whenever a season, or a tenth, has been added.</para>
/// <para>Runs are taken to be equally spaced, by <see cref="Spacing"/>. Each run belongs to the slot that its distance from the run before rounds to. Slots without a run, such as weekends, are bridged,
/// so that the season stays in step; after a pause longer than a season the rule starts anew. Of runs within one slot each is judged, and the last normal one counts. <see cref="CountRuns"/> makes
/// each run the next slot whatever the time.</para>
/// <para>Where the errors are all zero, any other value is an anomaly, unless <see cref="MinimumDeviation"/> says otherwise. A difference of 10⁻¹² of the value is rounding, and normal.</para>
/// <para>Source: P. Winters, 1960; the strategy HoltWinters of Deequ. Each search takes at most 400 passes over the values; there are about seven to each doubling of their number.</para>
/// </remarks>
/// <example><code>rules.Add("row_count", new SeasonalRule { Period = 7 }); // daily runs with a weekly season</code></example>
public sealed record SeasonalRule : MetricRule
{
    internal const int LargestPeriod = 10_000;

    /// <summary>Creates a rule.</summary>
    public SeasonalRule()
        : base("seasonal")
    {
    }

    /// <summary>Gets the number of slots of a season, 2 to 10,000: 7 for daily runs with a weekly season, 12 for monthly runs with a yearly one.</summary>
    /// <value>The default value is 7.</value>
    public int Period { get; init; } = 7;

    /// <summary>Gets how many standard deviations of the errors are too many, above 0.</summary>
    /// <value>The default value is 3.</value>
    public double Threshold { get; init; } = 3;

    /// <summary>Gets the time between runs.</summary>
    /// <value>The default value is <see langword="null"/>: the median of the times between the first <see cref="Period"/> + 1 runs.</value>
    public TimeSpan? Spacing { get; init; }

    /// <summary>Gets whether each run is the next slot, whatever its time: for runs on working days only with a <see cref="Period"/> of 5, say.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool CountRuns { get; init; }

    /// <summary>Gets from how many seasons on Holt–Winters smoothing takes over, 3 or more.</summary>
    /// <value>The default value is 4.</value>
    public int SmoothingSeasons { get; init; } = 4;

    /// <summary>Gets after how many anomalies in a row their level is the new normal: the rule then starts anew with them. 2 or more.</summary>
    /// <value>The default value is <see langword="null"/>: never.</value>
    public int? RestartAfter { get; init; }

    /// <summary>Gets the smallest standard deviation of the errors to reckon with, in the unit of the metric.</summary>
    /// <value>The default value is 0.</value>
    public double MinimumDeviation { get; init; }

    /// <summary>Gets how the deviation of the errors is measured: around zero, and with <see cref="ZScoreEstimator.Median"/> by the median of their sizes, which wild values within the first two seasons do not widen.</summary>
    /// <value>The default value is <see cref="ZScoreEstimator.Mean"/>.</value>
    public ZScoreEstimator Estimator { get; init; }

    internal override string Describe() => FormattableString.Invariant($"{Threshold} deviations ({Estimator.ToString().ToLowerInvariant()}) from what a season of {Period} lets expect");

    internal override IEnumerable<MetricJudgement> Judge(IReadOnlyList<MetricPoint> points)
    {
        var course = new SeasonalCourse(this, points);
        // Each judgement depends on those before: all are made, also when only the last is wanted.
        return [.. points.Select(course.Judge)];
    }

    internal override void Check()
    {
        base.Check();
        CheckPositive(Threshold, nameof(Threshold));
        CheckLimit(MinimumDeviation, nameof(MinimumDeviation));
        ArgumentOutOfRangeException.ThrowIfLessThan(Period, 2, nameof(Period));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Period, LargestPeriod, nameof(Period));
        ArgumentOutOfRangeException.ThrowIfLessThan(SmoothingSeasons, 3, nameof(SmoothingSeasons));
        if (Spacing is { } spacing) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(spacing, TimeSpan.Zero, nameof(Spacing));
        if (Spacing is not null && CountRuns) throw new ArgumentException("A seasonal rule that counts runs has no Spacing; set one of the two.");
        if (RestartAfter is { } restart) ArgumentOutOfRangeException.ThrowIfLessThan(restart, 2, nameof(RestartAfter));
    }
}
