using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Validation;

/// <summary>Checks that a model is good for all kinds of rows: that it is not much worse in a segment, told apart by one or two features, than on average.</summary>
/// <remarks>
/// Segments are the leaves of trees of few levels that predict the loss of each row of a sample of the test set, or the only one, from one feature, and from two of those that say most about
/// the loss. The loss is the log loss of a classification and the squared error of a regression. Since the weakest of many segments is taken, its score is a little too low by chance; a
/// segment needs enough rows for that to be little.
/// </remarks>
public sealed class WeakSegmentsCheck : IValidationCheck
{
    private const int Shown = 5;

    /// <inheritdoc/>
    public string Name => "weak_segments";

    /// <inheritdoc/>
    public string Description => "Is the model good for all kinds of rows?";

    /// <summary>Gets how bad it is when a segment is weak.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <summary>Gets the share of the average score that the weakest segment has to reach: its score / the average, or the average / its score where the metric is an error.</summary>
    /// <value>The default value is 0.8: an accuracy of at least 80 % of the average, an error of at most 1.25 times the average.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumScoreRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.8;

    /// <summary>Gets the share of the rows that a segment has at least; it has 10 rows at least in any case. Rarer categories are taken together.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double MinimumSegmentRatio { get; init => field = CheckLimit.Ratio(value); } = 0.05;

    /// <summary>Gets the number of levels of the trees.</summary>
    /// <value>The default value is 3.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaximumDepth { get; init => field = CheckLimit.AtLeast(value, 1); } = 3;

    /// <summary>Gets the number of features, those that say most about the loss, that are looked at in pairs.</summary>
    /// <value>The default value is 5, which makes 10 pairs.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int PairedFeatures { get; init => field = CheckLimit.AtLeast(value, 0); } = 5;

    /// <summary>Gets the metric.</summary>
    /// <value>The default value is <see langword="null"/>: <c>accuracy</c> of a classification, <c>rmse</c> of a regression. <see cref="PerformanceDegradationCheck.Metrics"/> lists the others.</value>
    /// <exception cref="ArgumentException">There is no such metric.</exception>
    public string? Metric { get; init => field = value is null ? null : OutcomeMetrics.Check(value); }

    /// <summary>Gets whether the bounds of segments are shown, which are numbers in the middle of two values of the data.</summary>
    /// <value>The default value is <see langword="false"/>: bounds are told by the share of the rows below them.</value>
    public bool ShowsValues { get; init; }

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
        => ModelObstacles.Find(subject, ModelNeeds.Label) ?? (FeatureCodes.FeaturesOf(subject.JudgedSet().Schema).Length == 0 ? "There is no feature of one element in each row." : null);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new ModelScan(cancellationToken => SearchAsync(context, cancellationToken));
    }

    private async ValueTask<CheckResult> SearchAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var part = context.Subject.JudgedPart();
        var outcomes = await context.GetSampleOutcomesAsync(part, cancellationToken).ConfigureAwait(false);
        if (outcomes.IsClassification && outcomes.Judged.Predictions.ContainsAnyExceptInRange(0.0, 1.0))
            return CheckResult.NotApplicable(Name, "The model gives numbers that are no probabilities, so that rows have no loss.");
        int[] rows = [.. Enumerable.Range(0, outcomes.RowCount).Where(outcomes.IsJudged)];
        var metric = Metric ?? (outcomes.IsClassification ? OutcomeMetrics.Accuracy : OutcomeMetrics.Rmse);
        var search = new SegmentSearch(context.GetSample(part).Take(rows), outcomes.Judged, OutcomeMetrics.Get(metric, outcomes.Task), MinimumSegmentRatio, MaximumDepth, PairedFeatures);
        if (rows.Length < 2 * search.MinimumRows)
            return CheckResult.NotApplicable(Name, $"There are {ModelConditions.Rows(rows.Length)} to judge; two segments need {ModelConditions.Rows(2L * search.MinimumRows)}.");
        return Judge(outcomes, OutcomeMetrics.Evaluate(metric, outcomes), search.Find(cancellationToken));
    }

    private CheckResult Judge(ModelOutcomes outcomes, EvaluationMetric average, IReadOnlyList<WeakSegment> segments)
    {
        var isErrors = average.Direction == Tracking.MetricDirection.Minimize;
        // Where no column tells rows apart, all are alike.
        var weakest = segments.Count == 0 ? average.Value : segments[0].Score;
        double? ratio = average.Value is not { } mean || weakest is not { } score ? null
            : score == mean ? 1
            : isErrors ? mean / score
            : mean > 0 ? score / mean : null;
        var condition = ModelConditions.Judge(
            $"the {average.Name} of the weakest segment reaches {ModelConditions.Percent(MinimumScoreRatio)} of the average", ratio, average.UndefinedReason ?? "the average is not above 0", value => value >= MinimumScoreRatio, Severity,
            value => segments.Count == 0
                ? "no feature tells rows with a large loss apart"
                : $"{ModelConditions.Percent(value)}: {ModelConditions.Figure(weakest)} against {ModelConditions.Figure(average.Value)}, in {ModelConditions.Rows(segments[0].Rows.Length)} told apart by {segments[0].Names}");
        var judged = outcomes.Judged.RowCount;
        return new CheckResult(Name, $"Segments of {ModelConditions.Judged(outcomes)} were searched for.", [condition])
        {
            Values = new OrderedDictionary<string, double?>
            {
                ["weakest_ratio"] = ratio,
                ["weakest_score"] = weakest,
                ["average_score"] = average.Value,
                ["weakest_rows_ratio"] = segments.Count == 0 ? null : (double)segments[0].Rows.Length / judged,
            },
            Tables = segments.Count == 0 ? [] : [Weakest(average.Name, judged, segments)],
        };
    }

    private CheckTable Weakest(string metric, int judged, IReadOnlyList<WeakSegment> segments) => new(
        "Weakest segments", ["segment", "rows", "share of the rows", metric],
        [
            .. segments.Take(Shown).Select(segment => (IReadOnlyList<string>)
                [ShowsValues ? segment.DescribeBounds() : segment.Describe(), ModelConditions.Rows(segment.Rows.Length), ModelConditions.Percent((double)segment.Rows.Length / judged), ModelConditions.Figure(segment.Score)]),
        ]);
}
