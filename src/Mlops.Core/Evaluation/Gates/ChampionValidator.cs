using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when it is better than the champion on the same rows: by enough, beyond chance, and worse on no protected slice. A first candidate, without a champion, passes when it can be judged.</summary>
/// <remarks>
/// <para>The gain is tested on one side: a candidate that is no better passes with the probability <see cref="SignificanceLevel"/> at most (asymptotically), and the interval
/// that is reported leaves out so much on each side. Rows are taken as independent; of rows that belong together the tests are too sure.</para>
/// <para>A slice of a protected column blocks when the candidate is worse in it beyond chance – losses are tested on one side at the same level, corrected by Holm's procedure
/// for the number of slices – or by more than <see cref="MaximumSliceLoss"/>, whatever the gain over all rows. A slice that is too small to judge is not
/// protected by that: it comes to <see cref="SmallSliceVerdict"/>, and so does, at least, a slice of several rare values together (<see cref="SliceColumn.MergedCodes"/>). Rows without a value are a slice too.</para>
/// <para>Candidate and champion are judged by the rows that both predict; a candidate that leaves out rows which the champion predicts never passes.</para>
/// <para>Figures that differ by no more than a millionth of their size are equal: such a difference is rounding. Where there is no champion yet, the metric of the candidate must be defined,
/// and it must have predicted every row with a label. The same is asked, and a warning given, where the champion itself cannot be judged, as one whose predictions are all NaN.</para>
/// </remarks>
/// <example><code>new ChampionValidator("roc_auc") { MinimumGain = 0.005, ProtectedColumns = ["region"] }</code></example>
public sealed class ChampionValidator : IModelValidator
{
    private const string Reference = "the champion";
    private readonly GateMetric _metric;

    /// <summary>Creates a validator for a metric of the catalogue (<see cref="OutcomeMetrics"/>).</summary>
    /// <param name="metric">The name of the metric: <c>rmse</c>.</param>
    public ChampionValidator(string metric) => _metric = new GateMetric(metric);

    /// <summary>Creates a validator for a metric of your own.</summary>
    /// <param name="metric">The metric.</param>
    public ChampionValidator(OutcomeMetric metric) => _metric = new GateMetric(metric);

    /// <inheritdoc/>
    /// <value>The default value is <c>champion</c>; give others where there are several.</value>
    public string Name { get; init => field = GateName.Of(value); } = "champion";

    /// <summary>Gets the metric that decides.</summary>
    public string Metric => _metric.Name;

    /// <summary>Gets by how much the candidate must be better, in the metric's unit, ≥ 0. A candidate that equals the champion never passes, unless <see cref="AllowEqual"/>.</summary>
    /// <value>The default value is 0: any gain beyond chance.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumGain { get; init => field = CheckLimit.NotNegative(value); }

    /// <summary>Gets by how much of the champion's value the candidate must be better, ≥ 0.</summary>
    /// <value>The default value is 0: any gain beyond chance.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumGainRatio { get; init => field = CheckLimit.NotNegative(value); }

    /// <summary>Gets whether a candidate passes too that is not better, if it is not worse by more than <see cref="EqualityMargin"/> (non-inferiority); the minimum gains are not asked for then.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AllowEqual { get; init; }

    /// <summary>Gets by how much the candidate may be worse where <see cref="AllowEqual"/> is set, in the metric's unit, ≥ 0: the whole interval of the gain must lie above.</summary>
    /// <value>The default value is 0: only a candidate passes that is surely no worse, as one that predicts the same.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double EqualityMargin { get; init => field = CheckLimit.NotNegative(value); }

    /// <summary>Gets how a gain is told from chance.</summary>
    /// <value>The default value is <see cref="Significance.Automatic"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no such method.</exception>
    public Significance Significance { get; init => field = CheckLimit.Known(value); } = Significance.Automatic;

    /// <summary>Gets the probability with which a candidate that is no better passes, above 0 and below 0.5.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and below 0.5.</exception>
    public double SignificanceLevel { get; init => field = CheckLimit.OneSided(value); } = 0.05;

    /// <summary>Gets the number of bootstrap samples; more are drawn where many protected slices ask for it.</summary>
    /// <value>The default value is 1,000.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 100.</exception>
    public int Samples { get; init => field = CheckLimit.AtLeast(value, 100); } = 1000;

    /// <summary>Gets the seed of the bootstrap samples.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <summary>Gets the number of rows below which a gain cannot be told from chance, so that the candidate fails.</summary>
    /// <value>The default value is 30 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 2.</exception>
    public int MinimumRows { get; init => field = CheckLimit.AtLeast(value, 2); } = 30;

    /// <summary>Gets the number of rows of the rarest class below which a gain cannot be told from chance, so that the candidate fails; <see cref="OutcomeMetric.Support"/> says of which classes. Weighted rows count as so many of equal weight as they are worth.</summary>
    /// <value>The default value is 15 rows; it means nothing for predicted numbers.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0.</exception>
    public int MinimumClassRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 15;

    /// <summary>Gets the columns in no slice of which the candidate may be worse.</summary>
    /// <value>The default value is empty: no slice is protected.</value>
    public IReadOnlyList<string> ProtectedColumns { get; init; } = [];

    /// <summary>Gets by how much the candidate may be worse in a protected slice, in the metric's unit, ≥ 0, even where that may be chance.</summary>
    /// <value>The default value is <see langword="null"/>: as much as chance explains; 0 where <see cref="Significance"/> is <see cref="Significance.None"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double? MaximumSliceLoss { get; init => field = value is { } given ? CheckLimit.NotNegative(given) : null; }

    /// <summary>Gets the number of rows below which a protected slice is not judged.</summary>
    /// <value>The default value is 30 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 2.</exception>
    public int MinimumSliceRows { get; init => field = CheckLimit.AtLeast(value, 2); } = 30;

    /// <summary>Gets what a protected slice comes to that cannot be judged: it has too few rows, or too few of a class; its metric is undefined; or it is several values together.</summary>
    /// <value>The default value is <see cref="ValidationVerdict.Warn"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no verdict.</exception>
    public ValidationVerdict SmallSliceVerdict { get; init => field = CheckLimit.Known(value); } = ValidationVerdict.Warn;

    /// <summary>Gets what it comes to when rows have a class that the candidate does not know: no metric judges it by them, though it is wrong on each of them.</summary>
    /// <value>The default value is <see cref="ValidationVerdict.Warn"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no verdict.</exception>
    public ValidationVerdict UnknownClassVerdict { get; init => field = CheckLimit.Known(value); } = ValidationVerdict.Warn;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Candidate and champion were not judged on the same rows in the same order.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Significance.DeLong"/> cannot judge this metric or these rows.</exception>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        var outcomes = context.Candidate.Outcomes;
        var metric = _metric.For(outcomes);
        var unknown = UnknownClassRows.Find(outcomes, UnknownClassVerdict);
        if (context.Champion is not { } champion) return ValueTask.FromResult(JudgeAlone(metric, outcomes, unknown));
        var slices = SliceRows.Of(context.Candidate, ProtectedColumns, out var absent);
        if (absent is not null) return ValueTask.FromResult(ModelCheck.Unmet(Name, isOptional: false, absent));
        var rows = PairedRows.Of(outcomes, champion.Outcomes, Reference);
        if (metric.Compute(champion.Outcomes) is { IsDefined: false } lost && FindObstacle(metric, outcomes) is null)
        {
            var figure = new ModelCheckFigure(metric.Name, ValidationVerdict.Warn) { Rows = outcomes.Judged.RowCount, Value = metric.Compute(outcomes).Value, Reference = Reference, Note = $"that of {Reference} is undefined: {lost.UndefinedReason}" };
            return ValueTask.FromResult(ModelCheck.Of(Name, [figure, .. unknown.Figures], $"{metric.Name} {GateText.Figure(figure.Value.Value)}; {figure.Note}, so there is nothing to be better than" + unknown.Reason));
        }

        var rule = new GainRule(MinimumGain, MinimumGainRatio, Significance, SignificanceLevel, Samples, Seed, MinimumRows, MinimumClassRows) { EqualityMargin = AllowEqual ? EqualityMargin : null };
        var (all, reason) = rule.Judge(metric, rows, Reference, cancellationToken);
        var protectedSlices = new SliceProtection(MaximumSliceLoss, MinimumSliceRows, MinimumClassRows, SmallSliceVerdict)
            .Judge(metric, rows, [.. slices.Select(slice => slice.Slice)], rule, Reference, cancellationToken);
        return ValueTask.FromResult(ModelCheck.Of(Name, [all, .. protectedSlices, .. unknown.Figures], reason + Describe([.. slices.Select(slice => slice.Column.Name)], protectedSlices) + SliceRows.DescribeMerged(slices) + unknown.Reason));
    }

    /// <summary>Judges a first candidate: there is nothing to compare it with, but it must have figures, and predict.</summary>
    private ModelCheck JudgeAlone(OutcomeMetric metric, ModelOutcomes outcomes, (ModelCheckFigure[] Figures, string Reason) unknown)
    {
        const string First = "there is no champion yet";
        if (FindObstacle(metric, outcomes) is { } obstacle)
            return ModelCheck.Of(Name, [new ModelCheckFigure(metric.Name, ValidationVerdict.Fail) { Rows = outcomes.Judged.RowCount, Value = metric.Compute(outcomes).ValueOrNull, Note = obstacle }, .. unknown.Figures], $"{First}, but {obstacle}{unknown.Reason}");
        return unknown.Figures.Length == 0 ? ModelCheck.Skipped(Name, First) : ModelCheck.Of(Name, unknown.Figures, First + unknown.Reason);
    }

    /// <summary>Finds what keeps a candidate from being promoted without being compared.</summary>
    private static string? FindObstacle(OutcomeMetric metric, ModelOutcomes outcomes)
    {
        if (metric.Compute(outcomes) is { IsDefined: false } undefined) return $"{metric.Name} of the candidate is undefined: {undefined.UndefinedReason}";
        var unpredicted = Enumerable.Range(0, outcomes.RowCount).Count(row => !double.IsNaN(outcomes.Labels[row]) && !outcomes.IsPredicted(row));
        return unpredicted > 0 ? $"of {GateText.Rows(unpredicted)} that have a label the candidate gave no finite prediction" : null;
    }

    /// <summary>Tells of each column how many slices block or were not judged; slices are named in the figures only.</summary>
    private static string Describe(string[] columns, ModelCheckFigure[] figures) => string.Concat(columns.Distinct().Select(column =>
    {
        var own = figures.Where((_, i) => columns[i] == column).ToArray();
        var worse = own.Count(figure => figure.Verdict == ValidationVerdict.Fail && figure.Gain is not null);
        var unjudged = own.Count(figure => figure.Note?.StartsWith("not judged", StringComparison.Ordinal) == true);
        return $"; worse on {worse} of {Wording.Count(own.Length, "slice")} of '{column}'" + (unjudged > 0 ? $", {unjudged} not judged" : "");
    }));
}
