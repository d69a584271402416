using System.Collections.Concurrent;
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

    private async Task LoadAsync(HostedModelOptions options, ModelSaveOptions? saved = null)
    {
        await _fixture.PointToAsync(2, options: saved);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, ServingFixture.Champion, options, ServingFixture.Token);
    }
}
