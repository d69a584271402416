using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when it is better than every naive prediction on the same rows: by enough, and beyond chance.</summary>
/// <remarks>Needs <see cref="ModelValidationContext.Baselines"/>. Each is compared like a champion (<see cref="ChampionValidator"/>); the candidate must beat all of them, so their number needs no correction.</remarks>
public sealed class BaselineValidator : IModelValidator
{
    private readonly GateMetric _metric;

    /// <summary>Creates a validator for a metric of the catalogue (<see cref="OutcomeMetrics"/>).</summary>
    /// <param name="metric">The name of the metric: <c>rmse</c>.</param>
    public BaselineValidator(string metric) => _metric = new GateMetric(metric);

    /// <summary>Creates a validator for a metric of your own.</summary>
    /// <param name="metric">The metric.</param>
    public BaselineValidator(OutcomeMetric metric) => _metric = new GateMetric(metric);

    /// <inheritdoc/>
    /// <value>The default value is <c>baseline</c>; give others where there are several.</value>
    public string Name { get; init => field = GateName.Of(value); } = "baseline";

    /// <summary>Gets the metric that decides.</summary>
    public string Metric => _metric.Name;

    /// <summary>Gets by how much the candidate must be better, in the metric's unit, ≥ 0. One that equals a baseline never passes.</summary>
    /// <value>The default value is 0: any gain beyond chance.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumGain { get; init => field = CheckLimit.NotNegative(value); }

    /// <summary>Gets by how much of a baseline's value the candidate must be better, ≥ 0.</summary>
    /// <value>The default value is 0: any gain beyond chance.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumGainRatio { get; init => field = CheckLimit.NotNegative(value); }

    /// <summary>Gets how a gain is told from chance.</summary>
    /// <value>The default value is <see cref="Significance.Automatic"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is no such method.</exception>
    public Significance Significance { get; init => field = CheckLimit.Known(value); } = Significance.Automatic;

    /// <summary>Gets the probability with which a candidate that is no better passes, above 0 and below 0.5.</summary>
    /// <value>The default value is 0.05.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above 0 and below 0.5.</exception>
    public double SignificanceLevel { get; init => field = CheckLimit.OneSided(value); } = 0.05;

    /// <summary>Gets the number of bootstrap samples.</summary>
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

    /// <summary>Gets the number of rows of the rarer of two classes below which a gain cannot be told from chance, so that the candidate fails; of more classes those of all but the most frequent one count.</summary>
    /// <value>The default value is 15 rows; it means nothing for predicted numbers.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 0.</exception>
    public int MinimumClassRows { get; init => field = CheckLimit.AtLeast(value, 0); } = 15;

    /// <summary>Gets whether the validator passes without judging when there is no baseline.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The candidate and a baseline were not judged on the same rows in the same order.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Significance.DeLong"/> cannot judge this metric or these rows.</exception>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        if (context.Baselines.Count == 0)
            return ValueTask.FromResult(ModelCheck.Unmet(Name, IsOptional, $"there is no baseline; give what naive predictions gave in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Baselines)}"));
        var metric = _metric.For(context.Candidate.Outcomes);
        var rule = new GainRule(MinimumGain, MinimumGainRatio, Significance, SignificanceLevel, Samples, Seed, MinimumRows, MinimumClassRows);
        var findings = context.Baselines.OrderBy(baseline => baseline.Key, StringComparer.Ordinal).Select(baseline =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var reference = $"baseline '{baseline.Key}'";
            return rule.Judge(metric, PairedRows.Of(context.Candidate.Outcomes, baseline.Value.Outcomes, reference), reference, cancellationToken);
        }).ToArray();
        return ValueTask.FromResult(ModelCheck.Of(Name, [.. findings.Select(finding => finding.Figure)], string.Join(", ", findings.Select(finding => finding.Reason))));
    }
}
