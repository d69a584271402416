namespace Mlops.Models;

/// <summary>Predicts values of a type from values of a type, over an <see cref="IPredictor"/>. Safe for concurrent use.</summary>
/// <typeparam name="TInput">The input of one prediction.</typeparam>
/// <typeparam name="TOutput">The output of one prediction.</typeparam>
public interface IPredictor<TInput, TOutput>
{
    /// <summary>Predicts one row.</summary>
    /// <param name="input">The input.</param>
    /// <param name="context">What travels with the prediction; a fresh one when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The output.</returns>
    ValueTask<TOutput> PredictAsync(TInput input, PredictionContext? context = null, CancellationToken cancellationToken = default);

    /// <summary>Predicts several rows in one call.</summary>
    /// <param name="inputs">The inputs, shape (n).</param>
    /// <param name="outputs">Receives the outputs, shape (n).</param>
    /// <param name="context">What travels with the prediction; a fresh one when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>A task that completes when the outputs are filled.</returns>
    /// <exception cref="ArgumentException">The two memories differ in length.</exception>
    ValueTask PredictAsync(ReadOnlyMemory<TInput> inputs, Memory<TOutput> outputs, PredictionContext? context = null, CancellationToken cancellationToken = default);
}
