using Mlops.Data;

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

    /// <summary>Predicts the rows of a dataset: makes a dataset that has, after the columns of this one, a column of the role <see cref="ColumnRole.Prediction"/> for each output of the model.</summary>
    /// <remarks>Rows are predicted while they are read, batch by batch, each time anew; read <c>ToMemoryAsync</c> to keep them. Where an output has the name of a column, a number is appended to the output's. The predictor stays the caller's, and is disposed only after the last read.</remarks>
    /// <param name="predictor">The model.</param>
    /// <param name="dataset">The rows, with the columns that the model takes.</param>
    /// <returns>The rows with their predictions. Reading throws a <see cref="PredictionFailedException"/> where the model fails, which names the row of the dataset where the model tells it.</returns>
    /// <exception cref="EntityNotFoundException">The dataset lacks a column that the model takes.</exception>
    /// <exception cref="ArgumentException">A column's type cannot feed its input, or an output cannot be a column because its width is known only at run time.</exception>
    /// <example><code>
    /// await foreach (var batch in predictor.Predict(data).Select("id", "label").ReadAsync()) { … }
    /// </code></example>
    public static IDataset Predict(this IPredictor predictor, IDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(dataset);
        return PredictedDataset.Create(predictor, dataset);
    }
}
