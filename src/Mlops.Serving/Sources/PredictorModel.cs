using Mlops.Models;

namespace Mlops.Serving;

/// <summary>A predictor by itself, as a model that gives it out once.</summary>
internal sealed class PredictorModel(IPredictor predictor) : IModel, IAsyncDisposable
{
    private bool _isGivenOut;

    public ModelSignature Signature => predictor.Signature;

    public IPredictor CreatePredictor()
    {
        _isGivenOut = true;
        return predictor;
    }

    public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
        => throw new NotSupportedException("A predictor that is hosted by itself cannot be saved.");

    /// <summary>Disposes the predictor that nobody got; otherwise who got it does.</summary>
    public ValueTask DisposeAsync() => _isGivenOut ? ValueTask.CompletedTask : predictor.DisposeAsync();
}
