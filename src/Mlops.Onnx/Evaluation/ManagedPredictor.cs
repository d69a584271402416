using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Predicts with the managed evaluator on the caller's thread.</summary>
/// <remarks>A cancelled prediction ends between two blocks of rows.</remarks>
internal sealed class ManagedPredictor(OnnxModel model, ManagedEvaluator evaluator) : IPredictor
{
    /// <summary>The shape of an output is set before it is written.</summary>
    private static readonly Func<int, bool> s_anyRows = _ => true;

    private bool _isDisposed;

    public ModelSignature Signature => model.Signature;

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(context);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled(cancellationToken);
        try
        {
            PredictionChecks.CheckInputs(model.Signature, inputs, model.Name);
            PredictionChecks.CheckOutputs(model.Signature, inputs, outputs, model.Name, s_anyRows);
            evaluator.Resize(outputs, inputs.Rows);
            evaluator.Run(inputs, outputs, model.Name, cancellationToken);
            return default;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }
        catch (PredictionFailedException error)
        {
            return ValueTask.FromException(error);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType.IsInstanceOfType(this) ? this : model.GetService(serviceType);
    }

    public ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isDisposed, true);
        return default;
    }
}
