using Mlops.Data;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

/// <summary>What callers rely on over several swaps and evictions.</summary>
public sealed partial class CallerContractTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_OtherSignatureAfterAnEviction_IsRefusedAndTheEvictedVersionGoesOn(bool isAsked)
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, MemoryBudgetBytes = 1 << 20 });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        host.Add("other", ModelSource.FromModel(_ => Task.FromResult<IModel>(new LargeModel())));
        (await host.AcquireAsync(Name, ServingFixture.Token)).Dispose();
        (await host.AcquireAsync("other", ServingFixture.Token)).Dispose();
        Assert.Null(host.GetModel(Name));
        Assert.Throws<ArgumentException>(() => host.GetTyped<X, Z>(Name));
        await _fixture.PointToAsync(2, new FactorModel(2, inputName: "other"));
        var swaps = new List<ModelSwap>();
        if (isAsked)
        {
            await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
            Assert.Null(host.GetModel(Name));
        }

        using var subscription = host.OnSwapped(swaps.Add);
        Assert.Equal(new Y(2, 1), await host.GetTyped<X, Y>(Name).PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
        var status = host.GetStatus(Name);
        Assert.Equal((1, HostedModelState.Serving), (status.Current!.Version.Version, status.State));
        Assert.Contains("its callers could not call it: input 0 is 'other', but 'x' was expected", status.LastError!.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (_fixture.Loggers.Count("LoadFailed"), _fixture.Loggers.Count("FirstLoadFailed")));
        Assert.Equal("x", host.Get(Name).Signature.Inputs[0].Name);

        await _fixture.PointToAsync(3);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal(3f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        Assert.Null(host.GetStatus(Name).LastError);
        Assert.Equal(new (int?, int)[] { (null, 1), (1, 3) }, swaps.Where(swap => swap.Current.Name == Name).Select(swap => (swap.Previous?.Version.Version, swap.Current.Version.Version)));
    }

    [Fact]
    public async Task PredictAsync_OtherSignatureAfterAnEvictionAndTheEvictedVersionIsGone_TellsWhyAndTriesBothAgain()
    {
        var first = await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, MemoryBudgetBytes = 1 << 20 });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        host.Add("other", ModelSource.FromModel(_ => Task.FromResult<IModel>(new LargeModel())));
        (await host.AcquireAsync(Name, ServingFixture.Token)).Dispose();
        (await host.AcquireAsync("other", ServingFixture.Token)).Dispose();
        var second = await _fixture.PointToAsync(2, new FactorModel(2, inputName: "other"));
        Directory.Delete(Path.Combine(_fixture.Cache, first.Digest), recursive: true);
        foreach (var path in _fixture.Artifacts.Files.Keys.Where(path => path.StartsWith($"{first.Source}/", StringComparison.Ordinal))) _fixture.Artifacts.Files.TryRemove(path, out _);
        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AcquireAsync(Name, ServingFixture.Token));
            Assert.Contains("its callers could not call it", error.Message, StringComparison.Ordinal);
            Assert.Contains("its callers could not call it", host.GetStatus(Name).LastError!.Message, StringComparison.Ordinal);
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        }

        _fixture.Resolver.Point(second);
        await _fixture.PointToAsync(3);
        Assert.Equal(3f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GetTyped_WrongTypesBeforeTheFirstLoad_FailTheirCallerOnly(bool isWrongFirst)
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        var wrong = host.GetTyped<X, Z>(Name);
        var right = host.GetTyped<X, Y>(Name);
        if (isWrongFirst) await FailAsync();
        Assert.Equal(new Y(2, 1), await right.PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
        await FailAsync();
        Assert.Null(host.GetStatus(Name).LastError);

        async Task FailAsync()
        {
            var error = await Assert.ThrowsAsync<ArgumentException>(async () => await wrong.PredictAsync(new X(2), cancellationToken: ServingFixture.Token));
            Assert.Contains($"X and Z do not fit the model '{Name}', which is not as they expect: 1 output was expected", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task GetTyped_BeforeTheFirstLoad_HoldsForTheVersionsAfterIt()
    {
        await using var host = CreateHost(SumOf(), SumOf("a", "b"), SumOf("b", "a"));
        Point(1);
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        var typed = host.GetTyped<Swapped, Sum>(Name);
        Assert.Equal(new Sum(11), await typed.PredictAsync(new Swapped(1, 10), cancellationToken: ServingFixture.Token));
        Point(2);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Contains("its callers could not call it", error.Message, StringComparison.Ordinal);
        await SwapAsync(host, 3);
    }

    [Fact]
    public async Task ReloadAsync_ColumnsLeftOutByOneVersion_HoldForTheNextOne()
    {
        await using var host = await ServeAsync(
            SumOf("a", "b"),
            SumOf(),
            SumOf("b", "a"),
            SumOf("a", "b"));
        await SwapAsync(host, 2);

        // Whoever names the columns goes on.
        Assert.Equal(["a", "b"], host.Get(Name).Signature.Inputs[0].Columns);
        var row = new Dictionary<string, object?> { ["a"] = 1f, ["b"] = 10f };
        Assert.Equal(12f, (await host.Get(Name).PredictAsync(row, cancellationToken: ServingFixture.Token))["y"]);

        // And whoever names them in another order is told at once, not at each call.
        Assert.Throws<ArgumentException>(() => host.GetTyped<Swapped, Sum>(Name));

        Point(3);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Contains("input 'x' is fed by other columns: element 0 is 'b' instead of 'a'", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, host.GetModel(Name)!.Version.Version);
        await SwapAsync(host, 4);
    }

    [Fact]
    public async Task ReloadAsync_WidthLeftOpenByOneVersion_HoldsForTheNextOne()
    {
        await using var host = await ServeAsync(Ones(3, 3), Ones(-1, 3), Ones(4, 4), Ones(3, 3));
        await SwapAsync(host, 2);
        Assert.Equal(3, host.Get(Name).Signature.Outputs[0].Width);
        Point(3);
        await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        await SwapAsync(host, 4);
    }

    [Fact]
    public async Task ReloadAsync_OpenWidthIsAnotherThanCallersRentFor_IsRefusedByItsWarmUp()
    {
        await using var host = await ServeAsync(Ones(3, 3), Ones(-1, 4));
        Point(2);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Contains("it fails on rows of zeros", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, host.GetModel(Name)!.Version.Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_RentedBeforeASwapThatFixesAWidth_IsAnswered(bool isBatched)
    {
        await using var host = await ServeAsync(isBatched, Ones(-1, 3), Ones(3, 3));
        using var inputs = host.Get(Name).Signature.RentInputs(2);
        using var outputs = host.Get(Name).Signature.RentOutputs(2);
        inputs.Get<float>(0).Span.Fill(1);
        await SwapAsync(host, 2);
        var context = new PredictionContext();
        await host.Get(Name).PredictAsync(inputs, outputs, context, ServingFixture.Token);
        Assert.Equal("2", context.ModelVersion);
        Assert.Equal([2f, 2f, 2f, 2f, 2f, 2f], outputs.Get<float>(0).Span.ToArray());
    }

    [Fact]
    public async Task RollBack_VersionHadFixedAWidth_CallersRentAsBefore()
    {
        await using var host = await ServeAsync(false, [Ones(-1, 4), Failing()], new HostedModelOptions().UseProbation());
        await SwapAsync(host, 2);
        Assert.Equal(3, host.Get(Name).Signature.Outputs[0].Width);
        while (host.GetModel(Name)!.Version.Version == 2)
        {
            using var inputs = host.Get(Name).Signature.RentInputs(1);
            using var outputs = host.Get(Name).Signature.RentOutputs(1);
            await Record.ExceptionAsync(() => host.Get(Name).PredictAsync(inputs, outputs, new PredictionContext(), ServingFixture.Token).AsTask());
        }

        using var again = host.Get(Name).Signature.RentInputs(1);
        using var answer = host.Get(Name).Signature.RentOutputs(1);
        await host.Get(Name).PredictAsync(again, answer, new PredictionContext(), ServingFixture.Token);
        Assert.Equal(4, answer[0].Length);
    }

    [Fact]
    public async Task ReloadAsync_ClassesThatDoNotFitTheWidth_AreRefused()
    {
        var open = new ModelSignature([TensorSpec.Of<float>("x", 2)], [new TensorSpec("y", ElementType.Float32, [-1, -1]) { Classes = ["no", "yes"] }]);
        await using var host = await ServeAsync(Create(open, 2), Ones(3, 3));
        Point(2);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Contains("'y' has 3 elements in each row, but 2 classes", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Adds the inputs of a row and the number of the version, and says which columns feed it, or not.</summary>
    private static Func<int, IPredictor> SumOf(params string[] columns) => version => Predictor.Create(
        new ModelSignature([TensorSpec.Of<float>("x", 2, columns)], [TensorSpec.Of<float>("y")]),
        (inputs, outputs, _, _) =>
        {
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<float>(0).Span[row] = inputs.Get<float>(0).GetRow(row)[0] + inputs.Get<float>(0).GetRow(row)[1] + (version - 1);
        });

    /// <summary>Gives the number of the version, so many times for a row.</summary>
    private static Func<int, IPredictor> Ones(int declaredWidth, int width)
        => Create(new ModelSignature([TensorSpec.Of<float>("x", 2)], [new TensorSpec("y", ElementType.Float32, [-1, declaredWidth])]), width);

    private static Func<int, IPredictor> Create(ModelSignature signature, int width) => version => Predictor.Create(signature, (inputs, outputs, _, _) =>
    {
        if (signature.Outputs[0].Width < 0) outputs[0].Resize(inputs.Rows, width);
        outputs.Get<float>(0).Span.Fill(version);
    });

    /// <summary>Fails on everything but the zeros of the warm-up of three elements.</summary>
    private static Func<int, IPredictor> Failing()
    {
        var calls = 0;
        return _ => Predictor.Create(new ModelSignature([TensorSpec.Of<float>("x", 2)], [TensorSpec.Of<float>("y", 3)]), (_, _, _, _) =>
        {
            if (Interlocked.Increment(ref calls) > 1) throw new InvalidOperationException("a broken model");
        });
    }

    private static ModelVersion VersionOf(int version) => new(Name, version, "memory", $"{version}", DateTimeOffset.UnixEpoch);

    private void Point(int version) => _fixture.Resolver.Point(VersionOf(version));

    private async Task SwapAsync(ModelHost host, int version)
    {
        Point(version);
        Assert.Equal(version, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
    }

    private Task<ModelHost> ServeAsync(params Func<int, IPredictor>[] versions) => ServeAsync(false, versions);

    private Task<ModelHost> ServeAsync(bool isBatched, params Func<int, IPredictor>[] versions)
        => ServeAsync(isBatched, versions, isBatched ? new HostedModelOptions().UseBatching(batching => batching.MaxBatchRows = 4) : new HostedModelOptions());

    private ModelHost CreateHost(params Func<int, IPredictor>[] versions)
        => new(_fixture.Resolver, new VersionLoader(versions), new ModelHostOptions { AutoReload = false }, null, _fixture.Time, _fixture.Loggers);

    private async Task<ModelHost> ServeAsync(bool isBatched, Func<int, IPredictor>[] versions, HostedModelOptions options)
    {
        var host = CreateHost(versions);
        Point(1);
        await host.AddAsync(Name, ServingFixture.Champion, options, ServingFixture.Token);
        Assert.Equal(isBatched, host.Get(Name).GetService<BatchingPredictor>() is not null);
        return host;
    }

    [TensorRow(Tensor = "x")]
    internal readonly partial record struct Swapped([TensorColumn("b")] float B, [TensorColumn("a")] float A);

    [TensorRow]
    internal readonly partial record struct Sum([TensorColumn("y")] float Value);

    private sealed class VersionLoader(Func<int, IPredictor>[] versions) : IModelLoader
    {
        public Task<LoadedModel> LoadAsync(ModelVersion version, CancellationToken cancellationToken = default)
            => Task.FromResult(new LoadedModel(version, null, new PredictorModel(versions[version.Version - 1](version.Version))));
    }

    private sealed class LargeModel : IModel, ISizedModel
    {
        private readonly FactorModel _model = new(1);

        public ModelSignature Signature => _model.Signature;

        public long SizeBytes => 1 << 20;

        public IPredictor CreatePredictor() => _model.CreatePredictor();

        public Task SaveAsync(IModelWriter target, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
