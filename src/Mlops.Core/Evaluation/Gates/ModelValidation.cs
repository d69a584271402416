using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Runs validators on a candidate.</summary>
public static class ModelValidation
{
    /// <summary>Asks every validator.</summary>
    /// <remarks>A validator that throws counts as failed, with the error as its reason: what cannot be judged must not be promoted. The others are asked all the same.</remarks>
    /// <param name="context">The candidate and those it is compared with.</param>
    /// <param name="validators">The validators, asked in their order, each of them; <see cref="ModelGates"/> has good ones.</param>
    /// <param name="cancellationToken">Cancels the judging.</param>
    /// <returns>What they say together.</returns>
    /// <exception cref="ArgumentException">There is no validator: no report would then be a pass; or two have one name.</exception>
    public static async Task<ModelValidationReport> ValidateAsync(ModelValidationContext context, IEnumerable<IModelValidator> validators, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(validators);
        IModelValidator[] asked = [.. validators];
        if (asked.GroupBy(validator => validator.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.Count()} validators have the name '{twice.Key}', so that a report could show one of them only. Give each a {nameof(IModelValidator.Name)} of its own.", nameof(validators));
        var checks = new List<ModelCheck>();
        foreach (var validator in asked)
        {
            cancellationToken.ThrowIfCancellationRequested();
            checks.Add(await AskAsync(validator, context, cancellationToken).ConfigureAwait(false));
        }

        return checks.Count > 0
            ? new ModelValidationReport(EvaluationResult.Of(context.Candidate.Outcomes), checks)
            : throw new ArgumentException($"There is no validator, so nothing would be judged. {nameof(ModelGates)} has good ones.", nameof(validators));
    }

    private static async ValueTask<ModelCheck> AskAsync(IModelValidator validator, ModelValidationContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await validator.ValidateAsync(context, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Messages of our own never quote a value of the data; those of others may, and only their type is told.
            var reason = error is MlopsException or InvalidOperationException or NotSupportedException or ArgumentException
                ? error.Message
                : $"{error.GetType().Name}; {nameof(ModelCheck)}.{nameof(ModelCheck.Exception)} tells more";
            return new ModelCheck(validator.Name, ValidationVerdict.Fail, $"could not be judged: {reason}") { ErrorType = error.GetType().FullName, Exception = error };
        }
    }
}
