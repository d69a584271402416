namespace Mlops.Models;

/// <summary>Makes predictors of delegates: of rules, of a formula, of a call to another system.</summary>
/// <remarks>
/// <para>The batches of a call are checked before the delegate sees them, and the outputs once more after it. What a delegate throws reaches the caller within a
/// <see cref="PredictionFailedException"/>; that, <see cref="PredictionRejectedException"/> and the caller's cancellation pass as they are. Delegates are called by many callers at the
/// same time.</para>
/// <para>A <see cref="PredictorModel"/> makes a model of such a predictor.</para>
/// </remarks>
/// <example><code>
/// var predictor = Predictor.Create&lt;Trip, Fare&gt;(trip => new Fare(2.5f + (1.2f * trip.Kilometres)));
/// var fare = await predictor.AsTyped&lt;Trip, Fare&gt;().PredictAsync(new Trip(12));
/// </code></example>
public static class Predictor
{
    private const string Name = "delegate";

    /// <summary>Makes a predictor of a delegate that fills the outputs on the caller's thread.</summary>
    /// <param name="signature">The inputs and outputs.</param>
    /// <param name="predict">Reads the inputs and fills the outputs; it may give an output whose width is known only at run time its shape.</param>
    /// <param name="name">The model's name, for messages.</param>
    /// <returns>The predictor.</returns>
    public static IPredictor Create(ModelSignature signature, Action<TensorBatch, TensorBatch, PredictionContext, CancellationToken> predict, string name = Name)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new FunctionPredictor(
            signature,
            (inputs, outputs, context, cancellationToken) =>
            {
                predict(inputs, outputs, context, cancellationToken);
                return ValueTask.CompletedTask;
            },
            name);
    }

    /// <summary>Makes a predictor of an asynchronous delegate.</summary>
    /// <param name="signature">The inputs and outputs.</param>
    /// <param name="predict">Reads the inputs and fills the outputs, until its task completes; it may give an output whose width is known only at run time its shape.</param>
    /// <param name="name">The model's name, for messages.</param>
    /// <returns>The predictor.</returns>
    public static IPredictor Create(ModelSignature signature, Func<TensorBatch, TensorBatch, PredictionContext, CancellationToken, ValueTask> predict, string name = Name)
    {
        ArgumentNullException.ThrowIfNull(signature);
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new FunctionPredictor(signature, predict, name);
    }

    /// <summary>Makes a predictor of a delegate that predicts one row.</summary>
    /// <typeparam name="TInput">The input of one prediction.</typeparam>
    /// <typeparam name="TOutput">The output of one prediction.</typeparam>
    /// <param name="predict">Predicts a row; called for the rows of a batch one after the other.</param>
    /// <param name="name">The model's name, for messages.</param>
    /// <returns>The predictor; <see cref="PredictorExtensions.AsTyped"/> gives it its typed face.</returns>
    /// <exception cref="ArgumentException">The width of an output is known only at run time.</exception>
    public static IPredictor Create<TInput, TOutput>(Func<TInput, TOutput> predict, string name = Name)
        where TInput : ITensorRow<TInput>
        where TOutput : ITensorRow<TOutput>
    {
        ArgumentNullException.ThrowIfNull(predict);
        return Create(
            SignatureOf<TInput, TOutput>(),
            (TensorBatch inputs, TensorBatch outputs, PredictionContext _, CancellationToken cancellationToken) =>
            {
                for (var row = 0; row < inputs.Rows; row++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    try
                    {
                        predict(TInput.Read(inputs, row)).Write(outputs, row);
                    }
                    catch (Exception error) when (error is not OperationCanceledException)
                    {
                        throw FunctionPredictor.Describe(error, name, row);
                    }
                }
            },
            name);
    }

    /// <summary>Makes a predictor of an asynchronous delegate that predicts one row.</summary>
    /// <typeparam name="TInput">The input of one prediction.</typeparam>
    /// <typeparam name="TOutput">The output of one prediction.</typeparam>
    /// <param name="predict">Predicts a row; called for the rows of a batch one after the other, each when the one before is answered.</param>
    /// <param name="name">The model's name, for messages.</param>
    /// <returns>The predictor; <see cref="PredictorExtensions.AsTyped"/> gives it its typed face.</returns>
    /// <exception cref="ArgumentException">The width of an output is known only at run time.</exception>
    public static IPredictor Create<TInput, TOutput>(Func<TInput, CancellationToken, ValueTask<TOutput>> predict, string name = Name)
        where TInput : ITensorRow<TInput>
        where TOutput : ITensorRow<TOutput>
    {
        ArgumentNullException.ThrowIfNull(predict);
        return Create(
            SignatureOf<TInput, TOutput>(),
            async (TensorBatch inputs, TensorBatch outputs, PredictionContext _, CancellationToken cancellationToken) =>
            {
                for (var row = 0; row < inputs.Rows; row++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    try
                    {
                        var output = await predict(TInput.Read(inputs, row), cancellationToken).ConfigureAwait(false);
                        output.Write(outputs, row);
                    }
                    catch (Exception error) when (error is not OperationCanceledException)
                    {
                        throw FunctionPredictor.Describe(error, name, row);
                    }
                }
            },
            name);
    }

    private static ModelSignature SignatureOf<TInput, TOutput>()
        where TInput : ITensorRow<TInput>
        where TOutput : ITensorRow<TOutput>
    {
        if (TOutput.Tensors.FirstOrDefault(output => output.Width < 0) is { } open)
            throw new ArgumentException($"{typeof(TOutput).Name} does not fix the width of the output {open}. Fix it, or fill the outputs by a delegate that takes batches.", nameof(TOutput));
        return new ModelSignature(TInput.Tensors, TOutput.Tensors);
    }
}
