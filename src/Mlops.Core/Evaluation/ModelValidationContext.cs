namespace Mlops.Evaluation;

/// <summary>How a candidate and those it is compared with were judged, all on the same rows.</summary>
/// <param name="Candidate">The candidate.</param>
public sealed record ModelValidationContext(EvaluationResult Candidate)
{
    /// <summary>Gets the model that serves now; <see langword="null"/> when there is none.</summary>
    public EvaluationResult? Champion { get; init; }

    /// <summary>Gets naive predictions that a model must beat, by name.</summary>
    public IReadOnlyDictionary<string, EvaluationResult> Baselines { get; init; } = new Dictionary<string, EvaluationResult>();
}
