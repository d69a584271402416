using System.Runtime.CompilerServices;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The stable face of a hosted model: every call goes to the generation that is current when it begins, and keeps it alive until it ends.</summary>
internal sealed class HostedPredictor(ModelSlot slot) : IPredictor, ILazyPredictor
{
    private readonly GenerationLine _generations = slot.Generations;

    /// <summary>Gets the slot whose generations answer.</summary>
    public ModelSlot Slot => slot;

    public bool IsSignatureKnown => slot.Signature is not null;

    public ModelSignature Signature
    {
        get
        {
            if (slot.Signature is { } signature) return signature;
            slot.BeginLoad();
            throw slot.NotServing();
        }
    }

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var generation = _generations.TryAcquire();
        if (generation is null) return slot.IsLazy ? LoadAndPredictAsync(inputs, outputs, context, cancellationToken) : ValueTask.FromException(slot.Reject(context));
        try
        {
            var task = generation.Predictor.PredictAsync(inputs, outputs, context, cancellationToken);
            if (!task.IsCompleted)
            {
                var handedOver = generation;
                generation = null;
                return AwaitAsync(task, handedOver);
            }

            task.GetAwaiter().GetResult();
            return ValueTask.CompletedTask;
        }
        catch (Exception error) when (error is not ArgumentNullException)
        {
            return error.ToValueTask(cancellationToken);
        }
        finally
        {
            generation?.Release();
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is null && serviceType.IsInstanceOfType(this)) return this;
        var generation = _generations.TryAcquire();
        if (generation is null) return null;
        try
        {
            return serviceKey is null && serviceType == typeof(HostedModel) ? generation.Model : generation.Predictor.GetService(serviceType, serviceKey);
        }
        finally
        {
            generation.Release();
        }
    }

    /// <summary>Does nothing: the host owns the generations.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Sees to it that the model is in memory, or was a moment ago: then its signature is known.</summary>
    public async ValueTask LoadAsync(PredictionContext? context = null, CancellationToken cancellationToken = default)
        => (await AcquireAsync(context, cancellationToken).ConfigureAwait(false)).Release();

    private async ValueTask LoadAndPredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken)
    {
        var generation = await AcquireAsync(context, cancellationToken).ConfigureAwait(false);
        try
        {
            await generation.Predictor.PredictAsync(inputs, outputs, context, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            generation.Release();
        }
    }

    private async ValueTask<ModelGeneration> AcquireAsync(PredictionContext? context, CancellationToken cancellationToken)
    {
        try
        {
            return await slot.AcquireAsync(context?.Deadline, cancellationToken).ConfigureAwait(false);
        }
        catch (PredictionRejectedException error)
        {
            slot.Reject(context, error);
            throw;
        }
        catch (ModelLoadException error)
        {
            throw slot.Reject(context, slot.NotLoaded(error));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask AwaitAsync(ValueTask task, ModelGeneration generation)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        finally
        {
            generation.Release();
        }
    }
}
