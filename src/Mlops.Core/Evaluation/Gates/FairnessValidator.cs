using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when its decisions treat the groups of a column about alike (<see cref="GroupFairness"/>).</summary>
/// <remarks>
/// A decision is the most probable class; rows without a group are left out. Groups of too few rows are not judged, and come to <see cref="SmallGroupVerdict"/>. Fewer than two
/// groups that can be judged, and a difference that is undefined, fail: nothing shows then that the groups are treated alike.
/// </remarks>
/// <example><code>new FairnessValidator("sex") { Measure = FairnessMeasure.EqualOpportunity, MaximumDifference = 0.05 }</code></example>
public sealed class FairnessValidator : IModelValidator
{
    /// <summary>Creates a validator.</summary>
    /// <param name="column">The name of the slice column whose values are the groups (<see cref="EvaluationData.SliceColumns"/>).</param>
    public FairnessValidator(string column)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        Column = column;
    }

    /// <inheritdoc/>
    /// <value>The default value is <c>fairness</c>; give others where there are several.</value>
    public string Name { get; init => field = GateName.Of(value); } = "fairness";

    /// <summary>Gets the name of the slice column whose values are the groups.</summary>
    public string Column { get; }

    /// <summary>Gets what is to be alike.</summary>
    /// <value>The default value is <see cref="FairnessMeasure.DemographicParity"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no such measure.</exception>
    public FairnessMeasure Measure { get; init => field = CheckLimit.Known(value); } = FairnessMeasure.DemographicParity;

    /// <summary>Gets the largest difference of the rates of two groups, 0..1.</summary>
    /// <value>The default value is 0.1; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double? MaximumDifference { get; init => field = value is { } given ? CheckLimit.Ratio(given) : null; } = 0.1;

    /// <summary>Gets the least ratio of the rates of two groups, 0..1; 0.8 is the "four fifths rule".</summary>
    /// <value>The default value is <see langword="null"/>: no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not from 0 to 1.</exception>
    public double? MinimumRatio { get; init => field = value is { } given ? CheckLimit.Ratio(given) : null; }

    /// <summary>Gets the positive class.</summary>
    /// <value>The default value is <see langword="null"/>: the last of two. Of more it must be given.</value>
    public string? PositiveClass { get; init; }

    /// <summary>Gets the number of rows below which a group is not judged.</summary>
    /// <value>The default value is 30 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MinimumGroupRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 30;

    /// <summary>Gets what a group comes to that has too few rows, or is several values together.</summary>
    /// <value>The default value is <see cref="ValidationVerdict.Warn"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no verdict.</exception>
    public ValidationVerdict SmallGroupVerdict { get; init => field = CheckLimit.Known(value); } = ValidationVerdict.Warn;

    /// <summary>Gets whether the validator passes without judging when its needs are not met.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No limit is set.</exception>
    /// <exception cref="ArgumentException">There is no such class, or more than two leave open which is the positive one.</exception>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        if (MaximumDifference is null && MinimumRatio is null)
            throw new InvalidOperationException($"Neither {nameof(MaximumDifference)} nor {nameof(MinimumRatio)} is set, so everything would pass. Set one.");
        var outcomes = context.Candidate.Outcomes;
        if (!outcomes.IsClassification)
            return ValueTask.FromResult(ModelCheck.Unmet(Name, IsOptional, "the candidate predicts numbers, not decisions; leave this gate out"));
        var slices = SliceRows.Of(context.Candidate, [Column], out var absent);
        return ValueTask.FromResult(absent is null ? Judge(outcomes, [.. slices.Where(slice => !slice.Slice.IsMissing).Select(slice => slice.Slice)], cancellationToken) : ModelCheck.Unmet(Name, IsOptional, absent));
    }

    private ModelCheck Judge(ModelOutcomes outcomes, SliceRows[] groups, CancellationToken cancellationToken)
    {
        var counts = groups.Select(group => group.Rows.Count(outcomes.IsJudged)).ToArray();
        int[] large = [.. Enumerable.Range(0, groups.Length).Where(i => counts[i] >= MinimumGroupRows)];
        var codes = new int[outcomes.RowCount];
        Array.Fill(codes, SliceColumn.Missing);
        for (var code = 0; code < large.Length; code++)
        {
            foreach (var row in groups[large[code]].Rows) codes[row] = code;
        }

        var fairness = GroupFairness.Of(outcomes, new SliceColumn(Column, [.. large.Select(i => groups[i].Name)], codes), PositionOf(outcomes));
        var unjudged = Enumerable.Range(0, groups.Length).Except(large).Select(i => new ModelCheckFigure(Rate(), SmallGroupVerdict)
        {
            Slice = groups[i].Name,
            Rows = counts[i],
            Note = $"not judged: fewer than {GateText.Rows(MinimumGroupRows)}",
        }).ToArray();
        if (large.Length < 2)
            return new ModelCheck(Name, ValidationVerdict.Fail, $"{Wording.Count(large.Length, "group")} of '{Column}' can be judged, two are needed at least") { Figures = unjudged };
        var figures = new List<ModelCheckFigure>();
        cancellationToken.ThrowIfCancellationRequested();
        if (MaximumDifference is { } most) figures.Add(Compare("difference", Difference(fairness), "at most", most, value => value <= most));
        cancellationToken.ThrowIfCancellationRequested();
        if (MinimumRatio is { } least) figures.Add(Compare("ratio", Ratio(fairness), "at least", least, value => value >= least));
        var reason = string.Join("; ", figures.Select(figure => figure.Value is { } value
            ? $"{figure.Name} {GateText.Figure(value)} among {Wording.Count(large.Length, "group")} of '{Column}', {figure.Reference} {GateText.Figure(figure.ReferenceValue!.Value)} was asked for"
            : $"{figure.Name} of '{Column}' is {figure.Note}"));
        if (Array.Exists(groups, group => group.IsMerged)) reason += $"; '{Column}' has a group of {SliceRows.MergedNote}";
        var groupFigures = fairness.Rates.Select((rates, i) => groups[large[i]].Mark(new ModelCheckFigure(Rate(), ValidationVerdict.Pass) { Slice = rates.Group, Rows = counts[large[i]], Value = RateOf(rates).ValueOrNull }, SmallGroupVerdict));
        return ModelCheck.Of(Name, [.. figures, .. groupFigures, .. unjudged], unjudged.Length == 0 ? reason : $"{reason}; {Wording.Count(unjudged.Length, "group")} not judged");
    }

    private ModelCheckFigure Compare(string what, MetricValue value, string reference, double limit, Func<double, bool> isWithin)
        => new($"{Rate()}_{what}", value.IsDefined && isWithin(value.Value) ? ValidationVerdict.Pass : ValidationVerdict.Fail)
        {
            Value = value.ValueOrNull,
            Reference = reference,
            ReferenceValue = limit,
            Note = value.IsDefined ? null : $"undefined: {value.UndefinedReason}",
        };

    private int? PositionOf(ModelOutcomes outcomes)
    {
        if (PositiveClass is null) return null;
        var position = outcomes.Classes.ToList().IndexOf(PositiveClass);
        return position >= 0 ? position : throw new ArgumentException($"The candidate has no class '{PositiveClass}'. Its classes are: {string.Join(", ", outcomes.Classes.Select(name => $"'{name}'"))}.");
    }

    private string Rate() => Measure switch
    {
        FairnessMeasure.DemographicParity => "demographic_parity",
        FairnessMeasure.EqualOpportunity => "equal_opportunity",
        FairnessMeasure.EqualizedOdds => "equalized_odds",
        FairnessMeasure.PredictiveParity => "predictive_parity",
        _ => "accuracy",
    };

    private MetricValue Difference(GroupFairness fairness) => Measure switch
    {
        FairnessMeasure.DemographicParity => fairness.DemographicParityDifference(),
        FairnessMeasure.EqualOpportunity => fairness.EqualOpportunityDifference(),
        FairnessMeasure.EqualizedOdds => fairness.EqualizedOddsDifference(),
        FairnessMeasure.PredictiveParity => fairness.PredictiveParityDifference(),
        _ => fairness.AccuracyDifference(),
    };

    private MetricValue Ratio(GroupFairness fairness) => Measure switch
    {
        FairnessMeasure.DemographicParity => fairness.DemographicParityRatio(),
        FairnessMeasure.EqualOpportunity => fairness.EqualOpportunityRatio(),
        FairnessMeasure.EqualizedOdds => fairness.EqualizedOddsRatio(),
        FairnessMeasure.PredictiveParity => fairness.PredictiveParityRatio(),
        _ => fairness.AccuracyRatio(),
    };

    private MetricValue RateOf(GroupRates rates) => Measure switch
    {
        FairnessMeasure.DemographicParity => rates.SelectionRate,
        FairnessMeasure.EqualOpportunity or FairnessMeasure.EqualizedOdds => rates.TruePositiveRate,
        FairnessMeasure.PredictiveParity => rates.Precision,
        _ => rates.Accuracy,
    };
}
