using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Tells how well predictions agree with labels.</summary>
/// <param name="predictions">The predictions, shape (n), n ≥ 1.</param>
/// <param name="labels">The true values, shape (n).</param>
/// <returns>The figures.</returns>
public delegate EvaluationResult PerformanceMeasure(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels);
