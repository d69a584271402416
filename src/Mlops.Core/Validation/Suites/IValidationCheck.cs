namespace Mlops.Validation;

/// <summary>A check of a suite: one question about data or a model, with the conditions under which the answer is good. Immutable, safe for concurrent use.</summary>
/// <remarks>What is expected is set by <c>init</c> properties, each with its default, so that a suite can hold the same check with other limits.</remarks>
public interface IValidationCheck
{
    /// <summary>Gets the name, unique in a suite: <c>duplicate_rows</c>.</summary>
    string Name { get; }

    /// <summary>Gets the question that the check answers, in one sentence.</summary>
    string Description { get; }

    /// <summary>Gets how bad it is when a condition is not met.</summary>
    ValidationSeverity Severity { get; }

    /// <summary>Tells why the check has nothing to look at.</summary>
    /// <param name="subject">What is to be checked.</param>
    /// <returns>What is absent: <c>There is no test set.</c>; <see langword="null"/> where the check can be carried out.</returns>
    string? FindObstacle(ValidationSubject subject);

    /// <summary>Begins the check.</summary>
    /// <param name="context">What is checked, without an obstacle. It may be kept until the check is finished.</param>
    /// <returns>What the rows are shown to.</returns>
    ICheckScan Begin(CheckContext context);
}
