namespace Mlops.Models;

/// <summary>A predictor whose model was made in stages, such as the rounds of boosting, and can stop after any of them. Safe for concurrent use.</summary>
/// <remarks>A service that a predictor may offer: <c>predictor.GetService&lt;IStagedPredictor&gt;()</c>.</remarks>
public interface IStagedPredictor
{
    /// <summary>Gets the number of stages, ≥ 1.</summary>
    int StageCount { get; }

    /// <summary>Makes a predictor of the first stages only; the caller disposes it.</summary>
    /// <param name="stages">How many, from 1 to <see cref="StageCount"/>, which is the model itself.</param>
    /// <returns>The predictor, of the signature of the model.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are no so many stages.</exception>
    IPredictor CreateStagePredictor(int stages);
}
