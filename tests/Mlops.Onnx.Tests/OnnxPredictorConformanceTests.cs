using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Onnx.Tests;

public sealed class OnnxPredictorConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => CreateAsync(TinyModels.Linear(6));

    internal static Task<IPredictor> CreateAsync(byte[] bytes)
    {
        using var model = OnnxModel.Load(bytes);
        return Task.FromResult(model.CreatePredictor());
    }
}

public sealed class OnnxClassifierConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => OnnxPredictorConformanceTests.CreateAsync(TinyModels.TextClassifier());
}

public sealed class OnnxDynamicPredictorConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => OnnxPredictorConformanceTests.CreateAsync(TinyModels.Identity(ElementType.Float64, -1, -1));
}

public sealed class OnnxIntegerPredictorConformanceTests : PredictorConformance
{
    protected override Task<IPredictor> CreatePredictorAsync(CancellationToken cancellationToken) => OnnxPredictorConformanceTests.CreateAsync(TinyModels.Identity(ElementType.Int64, -1, 2, 2));
}
