namespace Mlops.Evaluation;

/// <summary>How well predictions agree with labels.</summary>
/// <param name="RowCount">The number of rows that were judged.</param>
/// <param name="Metrics">The figures.</param>
public sealed record EvaluationResult(long RowCount, IReadOnlyList<EvaluationMetric> Metrics)
{
    /// <summary>Computes the figures of outcomes.</summary>
    /// <param name="outcomes">The outcomes; rows that cannot be judged are left out.</param>
    /// <param name="metrics">The metrics; <see langword="null"/> for those of the model's task (<see cref="OutcomeMetrics.Of"/>).</param>
    /// <returns>The figures; those that are undefined for these data say why.</returns>
    public static EvaluationResult Of(ModelOutcomes outcomes, IEnumerable<OutcomeMetric>? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        var judged = outcomes.Judged;
        return new EvaluationResult(judged.RowCount, [.. (metrics ?? OutcomeMetrics.Of(outcomes.Task)).Select(metric => metric.Evaluate(judged))]);
    }

    /// <summary>Gets the figure of a name.</summary>
    /// <param name="name">The name: <c>rmse</c>.</param>
    /// <exception cref="EntityNotFoundException">There is no such figure.</exception>
    public EvaluationMetric this[string name] => Metrics.FirstOrDefault(metric => metric.Name == name)
        ?? throw new EntityNotFoundException("metric", name, $"There is no metric '{name}'. The metrics are: {string.Join(", ", Metrics.Select(metric => metric.Name))}.");

    /// <summary>Gets the value of a figure.</summary>
    /// <param name="name">The name: <c>rmse</c>.</param>
    /// <returns>The value; <see langword="null"/> when the metric is undefined for these data, as <see cref="EvaluationMetric.UndefinedReason"/> of the figure says.</returns>
    /// <exception cref="EntityNotFoundException">There is no such figure.</exception>
    public double? GetValue(string name) => this[name].Value;

    /// <summary>Writes the figures in one line.</summary>
    /// <returns>The line.</returns>
    public override string ToString() => string.Join(", ", Metrics);
}
