namespace Mlops.Evaluation;

/// <summary>Says whether a candidate may be promoted. Stateless, safe for concurrent use.</summary>
public interface IModelValidator
{
    /// <summary>Judges a candidate.</summary>
    /// <param name="context">How the candidate and those it is compared with were judged.</param>
    /// <returns>What the validator says of it.</returns>
    ModelCheck Validate(ModelValidationContext context);
}
