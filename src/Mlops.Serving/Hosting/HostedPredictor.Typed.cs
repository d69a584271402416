using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The typed face of a hosted model. It may be made before the model is loaded: its types are among those that every generation must fit, once one has.</summary>
internal sealed class HostedPredictor<TInput, TOutput>(HostedPredictor predictor) : IPredictor<TInput, TOutput>
    where TInput : ITensorRow<TInput>
    where TOutput : ITensorRow<TOutput>
{
    private IPredictor<TInput, TOutput>? _typed;

    /// <summary>Demands that every generation fits the types from now on, or from the first one on.</summary>
    /// <exception cref="ArgumentException">They do not fit what serves, or served before it was evicted.</exception>
    public void Require()
    {
        if (predictor.Slot.Generations.Require(new ModelSignature(TInput.Tensors, TOutput.Tensors)) is { } difference)
            throw new ArgumentException(TypedMisfit.Describe<TInput, TOutput>($"the model '{predictor.Slot.Name}'", difference));
    }

    public ValueTask<TOutput> PredictAsync(TInput input, PredictionContext? context = null, CancellationToken cancellationToken = default)
        => Find() is { } typed
            ? typed.PredictAsync(input, context, cancellationToken)
            : predictor.Slot.IsLazy
                ? LoadAndPredictAsync(input, context, cancellationToken)
                : ValueTask.FromException<TOutput>(predictor.Slot.Reject(context));

    public ValueTask PredictAsync(ReadOnlyMemory<TInput> inputs, Memory<TOutput> outputs, PredictionContext? context = null, CancellationToken cancellationToken = default)
        => Find() is { } typed
            ? typed.PredictAsync(inputs, outputs, context, cancellationToken)
            : predictor.Slot.IsLazy
                ? LoadAndPredictAsync(inputs, outputs, context, cancellationToken)
                : ValueTask.FromException(predictor.Slot.Reject(context));

    private async ValueTask<TOutput> LoadAndPredictAsync(TInput input, PredictionContext? context, CancellationToken cancellationToken)
    {
        await predictor.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        return await Find()!.PredictAsync(input, context, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask LoadAndPredictAsync(ReadOnlyMemory<TInput> inputs, Memory<TOutput> outputs, PredictionContext? context, CancellationToken cancellationToken)
    {
        await predictor.LoadAsync(context, cancellationToken).ConfigureAwait(false);
        await Find()!.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
    }

    private IPredictor<TInput, TOutput>? Find() => _typed ?? (predictor.Slot.Signature is null ? null : _typed = Create());

    private IPredictor<TInput, TOutput> Create()
    {
        // It may have been made when nobody knew yet what would serve.
        Require();
        return predictor.AsTyped<TInput, TOutput>();
    }
}
