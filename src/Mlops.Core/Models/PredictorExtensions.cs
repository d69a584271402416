namespace Mlops.Models;

/// <summary>Conveniences over <see cref="IPredictor"/>.</summary>
public static class PredictorExtensions
{
    /// <summary>Gives a predictor a typed face.</summary>
    /// <typeparam name="TInput">The input of one prediction.</typeparam>
    /// <typeparam name="TOutput">The output of one prediction.</typeparam>
    /// <param name="predictor">The predictor; it is not owned and stays usable by itself.</param>
    /// <returns>The typed face.</returns>
    /// <exception cref="ArgumentException">The types do not fit the predictor's signature; the message names the input or output.</exception>
    public static IPredictor<TInput, TOutput> AsTyped<TInput, TOutput>(this IPredictor predictor)
        where TInput : ITensorRow<TInput>
        where TOutput : ITensorRow<TOutput>
        => new TypedPredictor<TInput, TOutput>(predictor);

    /// <summary>Asks a predictor, or one it wraps, for something beyond the interface.</summary>
    /// <typeparam name="TService">What is asked for.</typeparam>
    /// <param name="predictor">The predictor.</param>
    /// <returns>The service, or <see langword="null"/>.</returns>
    public static TService? GetService<TService>(this IPredictor predictor)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(predictor);
        return predictor.GetService(typeof(TService)) as TService;
    }
}
