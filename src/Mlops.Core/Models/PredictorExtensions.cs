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

    /// <summary>Predicts one row without a type: names and values, as they come out of a JSON document or a form.</summary>
    /// <remarks>
    /// The names are those of the columns that feed the model (<see cref="TensorSpec.Columns"/>), where the model does not know them those of its inputs. A value is a number, a truth value,
    /// a text, a date or time, a <see cref="System.Text.Json.JsonElement"/> of these, or, for a vector, an array, a memory or an enumeration of them; <see langword="null"/> is missing. Numbers are
    /// converted where the input holds them: a fraction is refused by an input of integers, and a text that looks like a number is no number.
    /// </remarks>
    /// <param name="predictor">The model.</param>
    /// <param name="row">The row: every name that the model takes, and no other.</param>
    /// <param name="context">What travels with the prediction; a fresh one when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>The outputs by name: a value where the model gives one element for a row, an array of them otherwise.</returns>
    /// <exception cref="EntityNotFoundException">The row lacks a name that the model takes, or has one that it does not.</exception>
    /// <exception cref="DataFormatException">A value is of the wrong type, missing where the input cannot say so, or has the wrong number of elements; it names the column.</exception>
    /// <exception cref="PredictionFailedException">The model failed.</exception>
    /// <example><code>
    /// var prediction = await predictor.PredictAsync(new Dictionary&lt;string, object?&gt; { ["temperature"] = 18.5, ["is_holiday"] = false });
    /// var riders = (float)prediction["prediction"];
    /// </code></example>
    public static ValueTask<IReadOnlyDictionary<string, object>> PredictAsync(
        this IPredictor predictor, IReadOnlyDictionary<string, object?> row, PredictionContext? context = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(row);
        return DynamicRow.PredictAsync(predictor, row, context ?? new PredictionContext(), cancellationToken);
    }

    /// <summary>Predicts the rows of a batch of columns.</summary>
    /// <param name="predictor">The model.</param>
    /// <param name="rows">The rows, with the columns that the model takes, in any order; others are left alone.</param>
    /// <param name="context">What travels with the prediction; a fresh one when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>As many rows, with a column of the role <see cref="ColumnRole.Prediction"/> for each output.</returns>
    /// <exception cref="EntityNotFoundException">A column is absent.</exception>
    /// <exception cref="ArgumentException">A column's type or width does not fit its input, or an output cannot be a column.</exception>
    /// <exception cref="DataFormatException">A value is missing where its input has no way to say so; it names the column.</exception>
    /// <exception cref="PredictionFailedException">The model failed.</exception>
    public static ValueTask<DataBatch> PredictAsync(this IPredictor predictor, DataBatch rows, PredictionContext? context = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(predictor);
        ArgumentNullException.ThrowIfNull(rows);
        return PredictBatchAsync(predictor, rows, context ?? new PredictionContext(), cancellationToken);
    }

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
    /// <remarks>Rows are predicted while they are read, batch by batch, each time anew; read <c>ToMemoryAsync</c> to keep them. Where an output has the name of a column, a number is appended to the output's. A model that is loaded on first use must be in memory, or have been, because the columns are known at once. The predictor stays the caller's, and is disposed only after the last read.</remarks>
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

    /// <summary>Sees to it that the signature is known, by which rows become tensors.</summary>
    internal static ValueTask LoadSignatureAsync(this IPredictor predictor, PredictionContext context, CancellationToken cancellationToken)
        => predictor.GetService<ILazyPredictor>() is { IsSignatureKnown: false } lazy ? lazy.LoadAsync(context, cancellationToken) : default;

    private static async ValueTask<DataBatch> PredictBatchAsync(IPredictor predictor, DataBatch rows, PredictionContext context, CancellationToken cancellationToken)
    {
        await predictor.LoadSignatureAsync(context, cancellationToken).ConfigureAwait(false);
        var signature = predictor.Signature;
        var columns = PredictionColumns.SelectInputs(signature, rows.Schema, "The batch");
        using var inputs = signature.RentInputs(rows.RowCount);
        using var outputs = signature.RentOutputs(rows.RowCount);
        TensorBinding.Create(signature.Inputs, columns).Write(rows.Select([.. columns.Select(column => column.Name)]), inputs);
        await predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
        var predicted = new DataSchema(PredictionColumns.Of(signature, [], outputs));
        return new DataBatch(predicted, predicted.Select((column, slot) => PredictionColumns.Copy(outputs[slot], column, rows.RowCount)));
    }
}
