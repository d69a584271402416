using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when it is not much better on the rows it learned from than on those it is judged by.</summary>
/// <remarks>Needs <see cref="ModelValidationContext.Training"/>. A candidate that is worse on the rows it learned from passes.</remarks>
public sealed class OverfitValidator : IModelValidator
{
    private readonly GateMetric _metric;

    /// <summary>Creates a validator for a metric of the catalogue (<see cref="OutcomeMetrics"/>).</summary>
    /// <param name="metric">The name of the metric: <c>rmse</c>.</param>
    public OverfitValidator(string metric) => _metric = new GateMetric(metric);

    /// <summary>Creates a validator for a metric of your own.</summary>
    /// <param name="metric">The metric.</param>
    public OverfitValidator(OutcomeMetric metric) => _metric = new GateMetric(metric);

    /// <inheritdoc/>
    /// <value>The default value is <c>overfit</c>; give others where there are several.</value>
    public string Name { get; init => field = GateName.Of(value); } = "overfit";

    /// <summary>Gets the metric that decides.</summary>
    public string Metric => _metric.Name;

    /// <summary>Gets by how much of its value on the rows it learned from the candidate may be worse on others, ≥ 0.</summary>
    /// <value>The default value is 0.1, a tenth; <see langword="null"/> for no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double? MaximumLossRatio { get; init => field = value is { } given ? CheckLimit.NotNegative(given) : null; } = 0.1;

    /// <summary>Gets by how much the candidate may be worse on rows that it did not learn from, in the metric's unit, ≥ 0.</summary>
    /// <value>The default value is <see langword="null"/>: no limit.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double? MaximumLoss { get; init => field = value is { } given ? CheckLimit.NotNegative(given) : null; }

    /// <summary>Gets what a candidate comes to that is worse by more than a limit.</summary>
    /// <value>The default value is <see cref="ValidationVerdict.Fail"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no verdict.</exception>
    public ValidationVerdict OverfitVerdict { get; init => field = CheckLimit.Known(value); } = ValidationVerdict.Fail;

    /// <summary>Gets whether the validator passes without judging when its need is not met.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No limit is set.</exception>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        if (MaximumLoss is null && MaximumLossRatio is null)
            throw new InvalidOperationException($"Neither {nameof(MaximumLoss)} nor {nameof(MaximumLossRatio)} is set, so everything would pass. Set one.");
        if (context.Training is not { } training)
            return ValueTask.FromResult(ModelCheck.Unmet(Name, IsOptional, $"the outcomes of the rows that the candidate learned from are missing; give them in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Training)}"));
        var metric = _metric.For(context.Candidate.Outcomes);
        var learned = metric.Compute(training.Outcomes);
        cancellationToken.ThrowIfCancellationRequested();
        var judged = metric.Compute(context.Candidate.Outcomes);
        var figure = new ModelCheckFigure(Metric, ValidationVerdict.Fail)
        {
            Rows = context.Candidate.Outcomes.Judged.RowCount,
            Value = judged.ValueOrNull,
            Reference = "training",
            ReferenceValue = learned.ValueOrNull,
        };
        if (!judged.IsDefined || !learned.IsDefined)
        {
            var which = judged.IsDefined ? $"of the rows it learned from is undefined: {learned.UndefinedReason}" : $"is undefined: {judged.UndefinedReason}";
            return ValueTask.FromResult(ModelCheck.Of(Name, [figure with { Note = which }], $"{Metric} {which}"));
        }

        var loss = -metric.GainOver(judged.Value, learned.Value);
        // Not "loss > limit": a NaN of infinite figures must not pass.
        var isWithin = loss <= 0 || ((MaximumLoss is not { } most || loss <= most) && (MaximumLossRatio is not { } ratio || loss <= ratio * Math.Abs(learned.Value)));
        var share = learned.Value == 0 || !double.IsFinite(loss) ? "" : $" ({GateText.Percent(loss / Math.Abs(learned.Value))})";
        var reason = $"{Metric} {GateText.Figure(judged.Value)} against {GateText.Figure(learned.Value)} of the rows it learned from"
            + (loss <= 0 ? ", no worse" : $", worse by {GateText.Figure(loss)}{share}") + (isWithin ? "" : $", more than {Limits()}");
        return ValueTask.FromResult(ModelCheck.Of(Name, [figure with { Verdict = isWithin ? ValidationVerdict.Pass : OverfitVerdict, Gain = -loss }], reason));
    }

    private string Limits() => string.Join(" or ", new[]
    {
        MaximumLoss is { } loss ? GateText.Figure(loss) : null,
        MaximumLossRatio is { } ratio ? GateText.Percent(ratio) : null,
    }.Where(limit => limit is not null));
}
