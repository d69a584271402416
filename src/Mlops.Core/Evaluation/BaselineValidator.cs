using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when it is better than every naive prediction on the same rows.</summary>
/// <param name="metric">The metric that decides: <c>rmse</c>.</param>
/// <param name="minimumGainRatio">By how much of a baseline's value the candidate must be better, 0..1.</param>
public sealed class BaselineValidator(string metric, double minimumGainRatio = 0) : IModelValidator
{
    /// <inheritdoc/>
    public ModelCheck Validate(ModelValidationContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var checks = context.Baselines
            .Select(baseline => MetricComparison.Check("baseline", metric, minimumGainRatio, context.Candidate, baseline.Value, $"baseline '{baseline.Key}'"))
            .ToArray();
        return checks.Length == 0
            ? new ModelCheck("baseline", ValidationVerdict.Pass, "there is no baseline")
            : new ModelCheck("baseline", checks.Max(check => check.Verdict), string.Join(", ", checks.Select(check => check.Reason)));
    }
}
