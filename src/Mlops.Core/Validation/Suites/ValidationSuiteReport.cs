namespace Mlops.Validation;

/// <summary>What the checks of a suite found.</summary>
/// <param name="Suite">The name of the suite.</param>
/// <param name="Results">The results, in the order of the suite's checks.</param>
public sealed record ValidationSuiteReport(string Suite, IReadOnlyList<CheckResult> Results)
{
    /// <summary>Gets the datasets that were looked at.</summary>
    public IReadOnlyList<CheckedDataset> Datasets { get; init; } = [];

    /// <summary>Gets what the suite comes to: the worst of its results.</summary>
    public CheckStatus Status => Results.Count == 0 ? CheckStatus.NotApplicable : Results.Max(result => result.Status);

    /// <summary>Gets the result of a check.</summary>
    /// <param name="check">The name of the check.</param>
    /// <exception cref="EntityNotFoundException">The suite has no such check.</exception>
    public CheckResult this[string check] => Results.FirstOrDefault(result => result.Check == check)
        ?? throw new EntityNotFoundException("check", check, $"The suite {Suite} has no check '{check}'. Its checks are: {string.Join(", ", Results.Select(result => result.Check))}.");
}
