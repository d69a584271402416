namespace Mlops.Evaluation;

/// <summary>A gate: says whether a candidate may be promoted. Stateless, safe for concurrent use.</summary>
/// <remarks>One that lacks what it needs says so by failing; it never passes in silence.</remarks>
public interface IModelValidator
{
    /// <summary>Gets the name, for reports: <c>champion</c>.</summary>
    string Name { get; }

    /// <summary>Judges a candidate.</summary>
    /// <param name="context">The candidate and those it is compared with; nothing of it is disposed.</param>
    /// <param name="cancellationToken">Cancels the judging.</param>
    /// <returns>What the validator says of it.</returns>
    ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default);
}
