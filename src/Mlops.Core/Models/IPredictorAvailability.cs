namespace Mlops.Models;

/// <summary>A predictor that may be unable to predict for a while though its model is loaded, such as one whose program has failed. Found by <see cref="IPredictor.GetService"/>.</summary>
/// <remarks>A host tells it in its status and its health. Safe for concurrent use.</remarks>
public interface IPredictorAvailability
{
    /// <summary>Finds why no prediction can succeed now. It asks nobody, and takes no time.</summary>
    /// <returns>The reason, as the end of a sentence about the model: <c>its process failed and is not yet started again: it ended with the exit code 1</c>; <see langword="null"/> where one can be tried.</returns>
    string? FindObstacle();
}
