namespace Mlops.Evaluation;

/// <summary>Runs validators on a candidate.</summary>
public static class ModelValidation
{
    /// <summary>Asks every validator.</summary>
    /// <param name="context">The candidate and those it is compared with.</param>
    /// <param name="validators">The validators, asked in their order, each of them.</param>
    /// <param name="cancellationToken">Cancels the judging.</param>
    /// <returns>What they say together.</returns>
    public static async Task<ModelValidationReport> ValidateAsync(ModelValidationContext context, IEnumerable<IModelValidator> validators, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(validators);
        var checks = new List<ModelCheck>();
        foreach (var validator in validators) checks.Add(await validator.ValidateAsync(context, cancellationToken).ConfigureAwait(false));
        return new ModelValidationReport(EvaluationResult.Of(context.Candidate.Outcomes), checks);
    }
}
