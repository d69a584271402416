using System.Globalization;
using System.Text;
using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>Gives x × factor, and the factor itself, so that a test sees which version answered. Watches its own use.</summary>
internal sealed class FactorModel(float factor, FactorFlavor? flavor = null, string inputName = "x", string flavorName = "factor", int width = 1) : IModel
{
    public ModelSignature Signature { get; } = new([TensorSpec.Of<float>(inputName, width)], [TensorSpec.Of<float>("y"), TensorSpec.Of<float>("factor")]);

    public IPredictor CreatePredictor()
    {
        var predictor = new FactorPredictor(Signature, factor, flavor);
        flavor?.Predictors.Add(predictor);
        return predictor;
    }

    public async Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default)
    {
        await target.WriteFileAsync("data/factor.txt", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{factor} {inputName} {width}")), cancellationToken);
        target.AddFlavor(flavorName, new Dictionary<string, object?> { ["data"] = "data/factor.txt" });
    }
}
