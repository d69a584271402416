using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when it is better than every naive prediction on the same rows.</summary>
/// <param name="metric">The metric that decides: <c>rmse</c>.</param>
/// <param name="minimumGainRatio">By how much of a baseline's value the candidate must be better, 0..1.</param>
public sealed class BaselineValidator(string metric, double minimumGainRatio = 0) : IModelValidator
{
    /// <inheritdoc/>
    public string Name => "baseline";

    /// <inheritdoc/>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var checks = context.Baselines
            .Select(baseline => MetricComparison.Check(Name, metric, minimumGainRatio, context.Candidate, baseline.Value, $"baseline '{baseline.Key}'"))
            .ToArray();
        return ValueTask.FromResult(checks.Length == 0
            ? new ModelCheck(Name, ValidationVerdict.Pass, "there is no baseline")
            : new ModelCheck(Name, checks.Max(check => check.Verdict), string.Join(", ", checks.Select(check => check.Reason))));
    }
}
