using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when a metric lies within bounds: over all rows, and in every slice of the columns that are named.</summary>
/// <remarks>A metric that is undefined fails over all rows. In a slice it counts, like a slice of too few rows, as not judged (<see cref="SmallSliceVerdict"/>).</remarks>
/// <example><code>new ThresholdValidator("roc_auc") { Minimum = 0.75, SliceColumns = ["region"], SliceMinimum = 0.7 }</code></example>
public sealed class ThresholdValidator : IModelValidator
{
    private readonly GateMetric _metric;

    /// <summary>Creates a validator for a metric of the catalogue (<see cref="OutcomeMetrics"/>).</summary>
    /// <param name="metric">The name of the metric: <c>roc_auc</c>.</param>
    public ThresholdValidator(string metric) => _metric = new GateMetric(metric);

    /// <summary>Creates a validator for a metric of your own.</summary>
    /// <param name="metric">The metric.</param>
    public ThresholdValidator(OutcomeMetric metric) => _metric = new GateMetric(metric);

    /// <inheritdoc/>
    /// <value>The default value is <c>threshold</c>; give others where there are several.</value>
    public string Name { get; init => field = GateName.Of(value); } = "threshold";

    /// <summary>Gets the metric that decides.</summary>
    public string Metric => _metric.Name;

    /// <summary>Gets the least value that passes, in the metric's unit.</summary>
    /// <value>The default value is <see langword="null"/>: no lower bound.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public double? Minimum { get; init => field = value is { } given ? CheckLimit.Finite(given) : null; }

    /// <summary>Gets the largest value that passes, in the metric's unit.</summary>
    /// <value>The default value is <see langword="null"/>: no upper bound.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public double? Maximum { get; init => field = value is { } given ? CheckLimit.Finite(given) : null; }

    /// <summary>Gets the columns in each of whose slices the metric must lie within bounds too.</summary>
    /// <value>The default value is empty: slices are not judged.</value>
    public IReadOnlyList<string> SliceColumns { get; init; } = [];

    /// <summary>Gets the least value that passes in a slice, in the metric's unit.</summary>
    /// <value>The default value is <see langword="null"/>: that of <see cref="Minimum"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public double? SliceMinimum { get; init => field = value is { } given ? CheckLimit.Finite(given) : null; }

    /// <summary>Gets the largest value that passes in a slice, in the metric's unit.</summary>
    /// <value>The default value is <see langword="null"/>: that of <see cref="Maximum"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not finite.</exception>
    public double? SliceMaximum { get; init => field = value is { } given ? CheckLimit.Finite(given) : null; }

    /// <summary>Gets the number of rows below which a slice is not judged.</summary>
    /// <value>The default value is 30 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MinimumSliceRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 30;

    /// <summary>Gets what a slice comes to that cannot be judged.</summary>
    /// <value>The default value is <see cref="ValidationVerdict.Warn"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no verdict.</exception>
    public ValidationVerdict SmallSliceVerdict { get; init => field = CheckLimit.Known(value); } = ValidationVerdict.Warn;

    /// <summary>Gets what it comes to when rows have a class that the candidate does not know: no metric judges it by them, though it is wrong on each of them.</summary>
    /// <value>The default value is <see cref="ValidationVerdict.Warn"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no verdict.</exception>
    public ValidationVerdict UnknownClassVerdict { get; init => field = CheckLimit.Known(value); } = ValidationVerdict.Warn;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No bound was set, or the bounds leave no room.</exception>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var (sliceMinimum, sliceMaximum) = (SliceMinimum ?? Minimum, SliceMaximum ?? Maximum);
        if (Minimum is null && Maximum is null && (SliceColumns.Count == 0 || (sliceMinimum is null && sliceMaximum is null)))
            throw new InvalidOperationException($"Neither {nameof(Minimum)} nor {nameof(Maximum)} was set, so everything would pass. Set one.");
        if (Minimum > Maximum || sliceMinimum > sliceMaximum)
            throw new InvalidOperationException($"{nameof(Minimum)} is above {nameof(Maximum)}, so nothing could pass.");
        var slices = SliceRows.Of(context.Candidate, SliceColumns, out var absent);
        if (absent is not null) return ValueTask.FromResult(ModelCheck.Unmet(Name, isOptional: false, absent));
        var outcomes = context.Candidate.Outcomes;
        var metric = _metric.For(outcomes);
        var figures = new List<ModelCheckFigure>();
        if (Minimum is not null || Maximum is not null) figures.Add(Judge(metric, outcomes.Judged, null, Minimum, Maximum, ValidationVerdict.Fail));
        foreach (var (_, slice) in slices)
        {
            cancellationToken.ThrowIfCancellationRequested();
            figures.Add(slice.Mark(Judge(metric, outcomes.Select(slice.Rows).Judged, slice.Name, sliceMinimum, sliceMaximum, SmallSliceVerdict), SmallSliceVerdict));
        }

        var unknown = UnknownClassRows.Find(outcomes, UnknownClassVerdict);
        return ValueTask.FromResult(ModelCheck.Of(Name, [.. figures, .. unknown.Figures], Describe(figures) + SliceRows.DescribeMerged(slices) + unknown.Reason));
    }

    private ModelCheckFigure Judge(OutcomeMetric metric, ModelOutcomes judged, string? slice, double? minimum, double? maximum, ValidationVerdict unjudged)
    {
        var figure = new ModelCheckFigure(metric.Name, ValidationVerdict.Pass) { Slice = slice, Rows = judged.RowCount };
        if (slice is not null && judged.RowCount < MinimumSliceRows)
            return figure with { Verdict = unjudged, Note = $"not judged: fewer than {GateText.Rows(MinimumSliceRows)}" };
        var value = metric.Compute(judged);
        if (!value.IsDefined) return figure with { Verdict = unjudged, Note = $"undefined: {value.UndefinedReason}" };
        var (isBelow, isAbove) = (value.Value < minimum, value.Value > maximum);
        // Of two bounds the one is shown that was passed, else the one that the metric must strive away from.
        var showsMinimum = isBelow || (!isAbove && minimum is not null && (maximum is null || metric.Direction == Tracking.MetricDirection.Maximize));
        return figure with
        {
            Verdict = isBelow || isAbove ? ValidationVerdict.Fail : ValidationVerdict.Pass,
            Value = value.Value,
            Reference = showsMinimum ? "at least" : "at most",
            ReferenceValue = showsMinimum ? minimum : maximum,
        };
    }

    private string Describe(List<ModelCheckFigure> figures)
    {
        var parts = new List<string>();
        if (figures.FirstOrDefault(figure => figure.Slice is null) is { } all)
        {
            parts.Add(all.Value is { } value
                ? $"{Metric} {GateText.Figure(value)}, {all.Reference} {GateText.Figure(all.ReferenceValue!.Value)} was asked for"
                : $"{Metric} of the candidate is {all.Note}");
        }

        var slices = figures.Where(figure => figure.Slice is not null).ToArray();
        var (failed, unjudged) = (slices.Count(figure => figure is { Verdict: ValidationVerdict.Fail, Value: not null }), slices.Count(figure => figure.Value is null));
        if (slices.Length > 0) parts.Add(failed == 0 ? $"within bounds in {slices.Length - unjudged} of {Wording.Count(slices.Length, "slice")}" : $"out of bounds in {failed} of {Wording.Count(slices.Length, "slice")}");
        if (unjudged > 0) parts.Add($"{Wording.Count(unjudged, "slice")} could not be judged");
        return string.Join("; ", parts);
    }
}
