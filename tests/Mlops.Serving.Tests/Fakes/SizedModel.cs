using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>A model that says how much memory it takes.</summary>
internal sealed class SizedModel(float factor, long size, Action? onDisposed = null) : IModel, ISizedModel, IDisposable
{
    private readonly FactorModel _model = new(factor);

    public ModelSignature Signature => _model.Signature;

    public long SizeBytes => size;

    public IPredictor CreatePredictor() => _model.CreatePredictor();

    public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public void Dispose() => onDisposed?.Invoke();
}
