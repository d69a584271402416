using Mlops.Validation;

namespace Mlops;

/// <summary>Data does not satisfy its schema.</summary>
/// <param name="report">The findings.</param>
public sealed class DataValidationException(DataValidationReport report)
    : MlopsException(report?.ToString() ?? throw new ArgumentNullException(nameof(report)))
{
    /// <summary>Gets the findings.</summary>
    public DataValidationReport Report { get; } = report;
}
