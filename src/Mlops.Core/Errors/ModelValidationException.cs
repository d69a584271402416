using Mlops.Evaluation;

namespace Mlops;

/// <summary>A model did not pass its gates, so it may not be promoted.</summary>
/// <param name="report">What the gates said.</param>
public sealed class ModelValidationException(ModelValidationReport report)
    : MlopsException(ModelReportText.Reasons(report ?? throw new ArgumentNullException(nameof(report))))
{
    /// <summary>Gets what the gates said.</summary>
    public ModelValidationReport Report { get; } = report;
}
