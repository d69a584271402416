namespace Mlops.Evaluation;

/// <summary>How well predictions agree with labels.</summary>
/// <param name="RowCount">The number of rows that were judged.</param>
/// <param name="Metrics">The figures.</param>
public sealed record EvaluationResult(long RowCount, IReadOnlyList<EvaluationMetric> Metrics)
{
    /// <summary>Gets the figure of a name.</summary>
    /// <param name="name">The name: <c>rmse</c>.</param>
    /// <exception cref="EntityNotFoundException">There is no such figure.</exception>
    public EvaluationMetric this[string name] => Metrics.FirstOrDefault(metric => metric.Name == name)
        ?? throw new EntityNotFoundException("metric", name, $"There is no metric '{name}'. The metrics are: {string.Join(", ", Metrics.Select(metric => metric.Name))}.");

    /// <summary>Gets the value of a figure.</summary>
    /// <param name="name">The name: <c>rmse</c>.</param>
    /// <returns>The value; NaN when the metric is undefined for these data.</returns>
    /// <exception cref="EntityNotFoundException">There is no such figure.</exception>
    public double GetValue(string name) => this[name].Value ?? double.NaN;

    /// <summary>Writes the figures in one line.</summary>
    /// <returns>The line.</returns>
    public override string ToString() => string.Join(", ", Metrics);
}
