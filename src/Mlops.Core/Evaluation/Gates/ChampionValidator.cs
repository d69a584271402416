using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when it is better than the champion on the same rows; without a champion it passes.</summary>
/// <param name="metric">The metric that decides: <c>rmse</c>.</param>
/// <param name="minimumGainRatio">By how much of the champion's value the candidate must be better, 0..1. A candidate that equals the champion never passes.</param>
public sealed class ChampionValidator(string metric, double minimumGainRatio = 0) : IModelValidator
{
    /// <inheritdoc/>
    public string Name => "champion";

    /// <inheritdoc/>
    public ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.Champion is null
            ? new ModelCheck(Name, ValidationVerdict.Pass, "there is no champion yet")
            : MetricComparison.Check(Name, metric, minimumGainRatio, context.Candidate, context.Champion, "the champion"));
    }
}
