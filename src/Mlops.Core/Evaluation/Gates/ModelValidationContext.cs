using Mlops.Data;
using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>A candidate and those it is compared with, all judged on the same rows in the same order.</summary>
/// <remarks>Only the outcomes are needed by every gate. A gate that needs something else which is not there fails and says how to give it, unless it is optional.</remarks>
/// <param name="Candidate">What the candidate gave.</param>
public sealed record ModelValidationContext(EvaluationData Candidate)
{
    /// <summary>Gets what the model that serves now gave for the same rows; <see langword="null"/> when there is none.</summary>
    public EvaluationData? Champion { get; init; }

    /// <summary>Gets the inputs and outputs of the model that serves now; <see langword="null"/> when there is none.</summary>
    public ModelSignature? ChampionSignature { get; init; }

    /// <summary>Gets what naive predictions, which a model must beat, gave for the same rows, by name.</summary>
    public IReadOnlyDictionary<string, EvaluationData> Baselines { get; init; } = new Dictionary<string, EvaluationData>();

    /// <summary>Gets what the candidate gave for the rows it learned from; <see langword="null"/> when that was not asked.</summary>
    public EvaluationData? Training { get; init; }

    /// <summary>Gets the rows that were judged, to be predicted again; <see langword="null"/> when they are not at hand.</summary>
    public IDataset? Rows { get; init; }

    /// <summary>Gets the candidate, as it was judged; it is not disposed. <see langword="null"/> when only its outcomes are at hand.</summary>
    public IPredictor? Predictor { get; init; }

    /// <summary>Gets the inputs and outputs of the candidate, as it was judged.</summary>
    /// <value>The default value is that of <see cref="Predictor"/>.</value>
    public ModelSignature? Signature { get => field ?? Predictor?.Signature; init; }

    /// <summary>Gets the saved candidate; <see langword="null"/> while it is not saved.</summary>
    public CandidatePackage? Package { get; init; }
}
