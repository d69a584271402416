namespace Mlops.Evaluation;

/// <summary>Runs validators on a candidate.</summary>
public static class ModelValidation
{
    /// <summary>Asks every validator.</summary>
    /// <param name="context">How the candidate and those it is compared with were judged.</param>
    /// <param name="validators">The validators.</param>
    /// <returns>What they say together.</returns>
    public static ModelValidationReport Validate(ModelValidationContext context, params IEnumerable<IModelValidator> validators)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(validators);
        return new ModelValidationReport(context.Candidate, [.. validators.Select(validator => validator.Validate(context))]);
    }
}
