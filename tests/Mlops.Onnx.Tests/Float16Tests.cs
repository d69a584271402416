using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Models that take and give numbers of 16 bits.</summary>
public sealed partial class Float16Tests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("onnx-half").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task PredictAsync_BorrowedHalves_AreReadAndWrittenInPlace()
    {
        using var model = OnnxModel.Load(Linear());
        Assert.Equal("(x: Float16[?, 3]) → (y: Float16[?, 1])", model.Signature.ToString());
        await using var predictor = model.CreatePredictor();
        Half[] features = [(Half)1, (Half)2, (Half)3, (Half)0.5, Half.NaN, (Half)0], scores = new Half[2];
        using var inputs = model.Signature.RentInputs(2);
        using var outputs = model.Signature.RentOutputs(2);
        inputs.Get<Half>(0).Borrow(features, 2, 3);
        outputs.Get<Half>(0).Borrow(scores, 2, 1);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), Token);
        Assert.Equal([(Half)14.25, Half.NaN], scores);
    }

    /// <summary>Rows of 32 bits are rounded on their way in, and are exact on their way out.</summary>
    [Fact]
    public async Task PredictAsync_RowsOfFloats_AreConverted()
    {
        using var model = OnnxModel.Load(Linear());
        await using var predictor = model.CreatePredictor();
        var typed = predictor.AsTyped<Features, Score>();
        Assert.Equal(14.25f, (await typed.PredictAsync(new Features(1, 2, 3), cancellationToken: Token)).Y);
        Assert.Equal((float)(Half)0.1f, (await typed.PredictAsync(new Features(0.1f, 0, -1 / 12f), cancellationToken: Token)).Y, 1e-3f);
        Assert.Equal((Half)14.25, (await predictor.PredictAsync(new Dictionary<string, object?> { ["x"] = new[] { 1f, 2, 3 } }, cancellationToken: Token))["y"]);
    }

    [Fact]
    public async Task SaveAsync_ThenFlavor_KeepsTheType()
    {
        using var model = OnnxModel.Load(Linear());
        await ModelDirectory.SaveAsync(Path.Combine(_folder, "saved"), model, cancellationToken: Token);
        var directory = await ModelDirectory.OpenAsync(Path.Combine(_folder, "saved"), Token);
        Assert.Equal(model.Signature, directory.Signature);
        using var loaded = (OnnxModel)await new OnnxFlavor().LoadAsync(directory, Token);
        Assert.Equal(model.Signature, loaded.Signature);
    }

    /// <summary>y = x₀ + 2 x₁ + 3 x₂ + ¼, with weights of 16 bits.</summary>
    private static byte[] Linear()
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<Half>("x", 3));
        builder.AddOutput(TensorSpec.Of<Half>("y", 1));
        builder.AddNode("Constant", "", [], ["w"], new OnnxAttribute("value", OnnxGraphBuilder.DescribeTensor(10, 3, Bytes(1, 2, 3))));
        builder.AddNode("Constant", "", [], ["b"], new OnnxAttribute("value", OnnxGraphBuilder.DescribeTensor(10, 1, Bytes(0.25f))));
        builder.AddNode("Constant", "", [], ["axes"], new OnnxAttribute("value_ints", new[] { 1L }));
        builder.AddNode("Mul", "", ["x", "w"], ["products"]);
        builder.AddNode("ReduceSum", "", ["products", "axes"], ["sum"]);
        builder.AddNode("Add", "", ["sum", "b"], ["y"]);
        return builder.Build();

        static byte[] Bytes(params float[] values) => [.. values.SelectMany(value => BitConverter.GetBytes((Half)value))];
    }

    [TensorRow(Tensor = "x", ElementType = ElementType.Float16)]
    private readonly partial record struct Features(float A, float B, float C);

    [TensorRow(Tensor = "y", ElementType = ElementType.Float16)]
    private readonly partial record struct Score(float Y);
}
