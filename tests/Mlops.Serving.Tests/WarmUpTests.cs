using System.Collections.Concurrent;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving.Tests;

public sealed class WarmUpTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();
    private readonly ConcurrentQueue<int> _rows = [];
    private readonly ConcurrentQueue<float> _values = [];

    public WarmUpTests() => _fixture.Flavor.OnPredict = inputs =>
    {
        _rows.Enqueue(inputs.Rows);
        foreach (var value in inputs.Get<float>(0).Span) _values.Enqueue(value);
    };

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AddAsync_RowCountsDeclared_PredictsEachBeforeItServes()
    {
        await LoadAsync(new HostedModelOptions { WarmUpRows = [1, 8, 64] });
        Assert.Equal([1, 8, 64], _rows);
        Assert.All(_values, value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task AddAsync_Batching_PredictsTheBatchesThatWillBeFormed()
    {
        await LoadAsync(new HostedModelOptions().UseBatching(batching => batching.MaxBatchRows = 12));
        Assert.Equal([1, 2, 4, 8, 12], _rows);
    }

    [Fact]
    public async Task AddAsync_GoldenRows_AreRepeatedToFillTheBatches()
    {
        var model = new FactorModel(2);
        await using var predictor = model.CreatePredictor();
        using var inputs = model.Signature.RentInputs(3);
        new float[] { 5, 6, 7 }.CopyTo(inputs.Get<float>(0).Span);
        var golden = await GoldenRows.CaptureAsync(predictor, inputs, ServingFixture.Token);
        await LoadAsync(new HostedModelOptions { WarmUpRows = [2, 7] }, new ModelSaveOptions { GoldenRows = golden });
        Assert.Equal([3, 2, 7], _rows);
        Assert.Equal([5, 6, 7, 5, 6, 5, 6, 7, 5, 6, 7, 5], _values);
    }

    [Fact]
    public async Task AddAsync_FailsOnOneOfTheRowCounts_IsRefused()
    {
        _fixture.Flavor.OnPredict = inputs =>
        {
            if (inputs.Rows == 8) throw new PredictionFailedException(Name, "eight are too many");
        };
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => LoadAsync(new HostedModelOptions { WarmUpRows = [1, 8] }));
        Assert.Contains("eight are too many", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_RowCountIsNotPositive_Throws()
        => await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => LoadAsync(new HostedModelOptions { WarmUpRows = [0] }));

    [Fact]
    public async Task AddAsync_ShapesDeclared_PredictsEachOfEachRowCount()
    {
        var options = new HostedModelOptions
        {
            WarmUpRows = [1, 4],
            WarmUpShapes = [new() { Inputs = { ["tokens"] = [16], ["boxes"] = [7, 4] } }, new() { Rows = 2, Inputs = { ["tokens"] = [64], ["boxes"] = [3, 4] } }],
        };
        Assert.Equal(["tokens 1 × 16, age 1 × 1, boxes 7 × 4, limit ", "tokens 4 × 16, age 4 × 1, boxes 7 × 4, limit ", "tokens 2 × 64, age 2 × 1, boxes 3 × 4, limit "], await WarmUpAsync(options));
    }

    [Fact]
    public async Task AddAsync_ShapesAndBatching_PredictsTheBatchesThatWillBeFormed()
    {
        var options = new HostedModelOptions { WarmUpShapes = [new() { Inputs = { ["tokens"] = [16], ["boxes"] = [4] } }] }.UseBatching(batching => batching.MaxBatchRows = 3);
        Assert.Equal(["tokens 1 × 16, age 1 × 1, boxes 1 × 4, limit ", "tokens 2 × 16, age 2 × 1, boxes 2 × 4, limit ", "tokens 3 × 16, age 3 × 1, boxes 3 × 4, limit "], await WarmUpAsync(options));
    }

    [Fact]
    public async Task AddAsync_OpenSizesAndNothingDeclared_PredictsNothing() => Assert.Empty(await WarmUpAsync(new HostedModelOptions { WarmUpRows = [1, 4] }));

    [Theory]
    [InlineData("token", new[] { 16 }, "there is no input 'token', only tokens: Int64[?, ?], age: Float32[?, 1], boxes: Float32[?, ?], limit: Int32[]")]
    [InlineData("boxes", new[] { 4 }, "it does not say the sizes that the input tokens: Int64[?, ?] leaves open. Give them in WarmUpShape.Inputs, or save golden rows with the model")]
    [InlineData("tokens", new[] { 1, 2, 3 }, "it gives the input tokens: Int64[?, ?] 3 sizes. Give those of the dimensions after the first, 1, or of all, 2, where its rows are not those of the batch")]
    [InlineData("limit", new[] { 1 }, "it gives the input limit: Int32[] 1 size. Give those of the dimensions after the first, 0, or of all, 0, where its rows are not those of the batch")]
    [InlineData("age", new[] { 2 }, "it gives the input age: Float32[?, 1] the size 2 instead of 1")]
    public async Task AddAsync_ShapeIsNoneOfItsInputs_IsRefusedAndNamesTheInput(string input, int[] sizes, string mistake)
    {
        var shape = new WarmUpShape { Inputs = { [input] = sizes } };
        if (input is "age" or "limit") (shape.Inputs["tokens"], shape.Inputs["boxes"]) = ([16], [4]);
        var fits = new WarmUpShape { Inputs = { ["tokens"] = [16], ["boxes"] = [4] } };
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => WarmUpAsync(new HostedModelOptions { WarmUpShapes = [fits, shape] }));
        Assert.EndsWith($"WarmUpShapes[1] is no shape of its inputs: {mistake}.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "1 row")]
    [InlineData(5, "5 rows")]
    public async Task AddAsync_FailsOnADeclaredShape_IsRefusedAndNamesIt(int rows, string named)
    {
        var options = new HostedModelOptions { WarmUpShapes = [new() { Rows = rows, Inputs = { ["tokens"] = [1000], ["boxes"] = [4] } }] };
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => WarmUpAsync(options, _ => throw new InvalidOperationException("too long")));
        Assert.Contains($"it fails on rows of zeros ({named}, tokens [1000], boxes [4]): too long", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_GoldenRowsOfAnotherWidth_FillTheDeclaredShape()
    {
        var signature = new ModelSignature(
            [new TensorSpec("tokens", ElementType.Int64, [-1, -1]), new TensorSpec("words", ElementType.String, [-1, -1]), TensorSpec.Of<bool>("flag")], [TensorSpec.Of<float>("score")]);
        var seen = new List<string>();
        await using var predictor = Predictor.Create(signature, (inputs, outputs, _, _) =>
        {
            seen.Add($"{string.Join(' ', inputs.Get<long>(0).Span.ToArray())} {string.Join(' ', inputs.Get<string>(1).Span.ToArray())} {string.Join(' ', inputs.Get<bool>(2).Span.ToArray())}");
            outputs.Get<float>(0).Span.Fill(1);
        });
        using var inputs = signature.RentInputs(2);
        inputs[0].Resize(2, 2);
        inputs[1].Resize(2, 1);
        new long[] { 5, 6, 7, 8 }.CopyTo(inputs.Get<long>(0).Span);
        new[] { "a", "b" }.CopyTo(inputs.Get<string>(1).Span);
        new[] { true, false }.CopyTo(inputs.Get<bool>(2).Span);
        var golden = await GoldenRows.CaptureAsync(predictor, inputs, ServingFixture.Token);
        await _fixture.PointToAsync(2, options: new ModelSaveOptions { GoldenRows = golden });
        await using var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(new DelegateFlavor(_fixture.Flavor, _ => predictor)), new ModelHostOptions { AutoReload = false });
        var options = new HostedModelOptions { WarmUpRows = [3], WarmUpShapes = [new() { Inputs = { ["tokens"] = [3] } }, new() { Rows = 1, Inputs = { ["words"] = [3] } }] };
        seen.Clear();
        await host.AddAsync(Name, ServingFixture.Champion, options, ServingFixture.Token);
        Assert.Equal(["5 6 7 8 a b True False", "5 6 7 8 5 6 7 8 5 a b a True False True", "5 6 a b a True"], seen);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task AddAsync_SizeOfAShapeIsNotPositive_Throws(int rows, int size)
    {
        var options = new HostedModelOptions { WarmUpShapes = [new() { Rows = rows, Inputs = { ["tokens"] = [size] } }] };
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => WarmUpAsync(options));
        Assert.Equal("WarmUpShapes", error.ParamName);
    }

    /// <summary>Hosts a model of open sizes, and tells the shapes that it saw.</summary>
    private static async Task<IReadOnlyList<string>> WarmUpAsync(HostedModelOptions options, Action<TensorBatch>? predict = null)
    {
        var shapes = new List<string>();
        var signature = new ModelSignature(
            [new TensorSpec("tokens", ElementType.Int64, [-1, -1]), TensorSpec.Of<float>("age"), new TensorSpec("boxes", ElementType.Float32, [-1, -1]), new TensorSpec("limit", ElementType.Int32, [])],
            [TensorSpec.Of<float>("score")]);
        var predictor = new OpenPredictor(signature, inputs =>
        {
            predict?.Invoke(inputs);
            shapes.Add(string.Join(", ", Enumerable.Range(0, inputs.Count).Select(slot => $"{inputs[slot].Spec.Name} {string.Join(" × ", inputs[slot].Shape.ToArray())}")));
            for (var slot = 0; slot < inputs.Count; slot++) Assert.All(TensorNumbers.ToDoubles(inputs[slot]), number => Assert.Equal(0, number));
        });
        await using var host = new ModelHost(new ModelLoader([]));
        await host.AddAsync(Name, ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(predictor)), options, ServingFixture.Token);
        return shapes;
    }

    private async Task LoadAsync(HostedModelOptions options, ModelSaveOptions? saved = null)
    {
        await _fixture.PointToAsync(2, options: saved);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, options, ServingFixture.Token);
    }
}
