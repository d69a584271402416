using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>Loads the files of factor models, and makes of each factor a predictor of the test's own.</summary>
internal sealed class DelegateFlavor(FactorFlavor files, Func<float, IPredictor> create) : IModelFlavor
{
    public string Name => files.Name;

    public async Task<IModel> LoadAsync(ModelDirectory source, CancellationToken cancellationToken = default)
    {
        await using var predictor = (FactorPredictor)(await files.LoadAsync(source, cancellationToken)).CreatePredictor();
        return new PredictorModel(create(predictor.Factor));
    }
}
