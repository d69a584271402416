namespace Mlops.Evaluation;

/// <summary>A candidate and those it is compared with, all judged on the same rows in the same order.</summary>
/// <param name="Candidate">What the candidate gave.</param>
public sealed record ModelValidationContext(EvaluationData Candidate)
{
    /// <summary>Gets what the model that serves now gave for the same rows; <see langword="null"/> when there is none.</summary>
    public EvaluationData? Champion { get; init; }

    /// <summary>Gets what naive predictions, which a model must beat, gave for the same rows, by name.</summary>
    public IReadOnlyDictionary<string, EvaluationData> Baselines { get; init; } = new Dictionary<string, EvaluationData>();

    /// <summary>Gets what the candidate gave for the rows it learned from; <see langword="null"/> when that was not asked.</summary>
    public EvaluationData? Training { get; init; }
}
