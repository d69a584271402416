using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class PredictorModelTests
{
    [Fact]
    public async Task CreatePredictor_SeveralTimes_CallsTheOneUntilTheModelIsDisposed()
    {
        var core = Predictor.Create(Sums.Signature, (inputs, outputs, _, _) => Sums.Fill(inputs, outputs));
        var model = new PredictorModel(core);
        Assert.Same(core.Signature, model.Signature);
        var (first, second) = (model.CreatePredictor(), model.CreatePredictor());
        await first.DisposeAsync();
        await CallAsync(second);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CallAsync(first));
        await model.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CallAsync(second));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => CallAsync(core));
    }

    [Fact]
    public async Task SaveAsync_AnyDirectory_SaysWhyItCannotAndLeavesNothing()
    {
        var folder = Directory.CreateTempSubdirectory("mlops-tests-").FullName;
        await using var model = new PredictorModel(Predictor.Create(Sums.Signature, (_, _, _, _) => { }), "fares");
        var path = Path.Combine(folder, "model");
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => ModelDirectory.SaveAsync(path, model, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("The model 'fares' is a predictor of this process, and no file can hold its code. Make it anew where it is served, or save a model that was trained or loaded.", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public void Constructor_NoPredictor_IsRefused() => Assert.Throws<ArgumentNullException>(() => new PredictorModel(null!));

    private static async Task CallAsync(IPredictor predictor)
    {
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        inputs.Get<float>(0).Span.Clear();
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), TestContext.Current.CancellationToken);
    }
}
