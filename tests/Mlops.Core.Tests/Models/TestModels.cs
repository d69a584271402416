using System.Text;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

/// <summary>A predictor made of a function.</summary>
internal sealed class DelegatePredictor(ModelSignature signature, Action<TensorBatch, TensorBatch> predict) : IPredictor
{
    public ModelSignature Signature => signature;

    public int Disposals { get; private set; }

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        predict(inputs, outputs);
        return ValueTask.CompletedTask;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public ValueTask DisposeAsync()
    {
        Disposals++;
        return ValueTask.CompletedTask;
    }
}

/// <summary>A model that saves the files and flavors it is given.</summary>
internal sealed class FileModel(
    ModelSignature signature,
    IReadOnlyDictionary<string, string> files,
    params (string Name, IReadOnlyDictionary<string, object?> Settings)[] flavors) : IModel
{
    public ModelSignature Signature => signature;

    public IPredictor CreatePredictor() => throw new NotSupportedException();

    public async Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
    {
        foreach (var (path, content) in files) await target.WriteFileAsync(path, Encoding.UTF8.GetBytes(content), cancellationToken);
        foreach (var (name, settings) in flavors) target.AddFlavor(name, settings);
    }
}

/// <summary>A model that saves as it is told.</summary>
internal sealed class CallbackModel(ModelSignature signature, Func<IModelWriter, Task> save) : IModel
{
    public ModelSignature Signature => signature;

    public IPredictor CreatePredictor() => throw new NotSupportedException();

    public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => save(target);
}
