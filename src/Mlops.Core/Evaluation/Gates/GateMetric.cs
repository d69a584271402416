namespace Mlops.Evaluation;

/// <summary>The metric of a gate: one of the catalogue, chosen by name once the task is known, or one of the caller's.</summary>
internal sealed class GateMetric
{
    private readonly OutcomeMetric? _metric;

    /// <exception cref="ArgumentException">The name is empty.</exception>
    public GateMetric(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    public GateMetric(OutcomeMetric metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        (_metric, Name) = (metric, metric.Name);
    }

    public string Name { get; }

    /// <exception cref="EntityNotFoundException">The task has no such metric; the message lists those that it has.</exception>
    public OutcomeMetric For(ModelOutcomes outcomes) => _metric ?? OutcomeMetrics.Get(Name, outcomes.Task);
}
