namespace Mlops.Evaluation;

/// <summary>How a model does on one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Weight">The sum of the weights of its rows.</param>
/// <param name="Metrics">Precision, recall and F1, at the most probable class.</param>
public sealed record ClassResult(string Name, double Weight, IReadOnlyList<EvaluationMetric> Metrics)
{
    /// <summary>Writes the class and its figures, in the invariant culture.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => FormattableString.Invariant($"{Name} ({Weight:0.##}): {string.Join(", ", Metrics)}");
}
