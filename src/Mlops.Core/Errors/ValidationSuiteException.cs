using Mlops.Validation;

namespace Mlops;

/// <summary>Checks of a suite failed, or could not be carried out.</summary>
/// <param name="report">What the checks found.</param>
public sealed class ValidationSuiteException(ValidationSuiteReport report)
    : MlopsException(report?.ToString() ?? throw new ArgumentNullException(nameof(report)))
{
    /// <summary>Gets what the checks found.</summary>
    public ValidationSuiteReport Report { get; } = report;
}
