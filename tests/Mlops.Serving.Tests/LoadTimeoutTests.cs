using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Data;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

/// <summary>Loads that do not end: nothing waits for them for ever, and nothing of them is left when they end after all.</summary>
public sealed class LoadTimeoutTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();
    private readonly ModelHostOptions _options = new() { AutoReload = false, LoadTimeout = TimeSpan.FromSeconds(30) };
    private readonly ManualResetEventSlim _stuck = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _hangs;

    public void Dispose()
    {
        _stuck.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData(ModelLoadStep.Resolving)]
    [InlineData(ModelLoadStep.Loading)]
    [InlineData(ModelLoadStep.CheckingGoldenRows)]
    [InlineData(ModelLoadStep.WarmingUp)]
    public async Task ReloadAsync_StepHangs_OldGoesOnAndANewerVersionIsTaken(ModelLoadStep step)
    {
        await _fixture.PointToAsync(1);
        var resolver = new HangingResolver(_fixture.Resolver);
        await using var host = new ModelHost(resolver, _fixture.CreateLoader(), _options, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2, options: step == ModelLoadStep.CheckingGoldenRows ? new ModelSaveOptions { GoldenRows = await CaptureAsync() } : null);
        if (step == ModelLoadStep.Resolving) resolver.Hang = Hang;
        else if (step == ModelLoadStep.Loading) _fixture.Flavor.BeforeLoad = (factor, _) => HangOn(factor);
        else _fixture.Flavor.BeforePredict = HangOn;
        var reload = host.ReloadAsync(Name, ServingFixture.Token);
        await _begun.Task;
        Assert.Equal(step, host.GetStatus(Name).Loading!.Step);
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(host));
        await _fixture.UntilAsync(() => reload.IsCompleted);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => reload);
        Assert.Contains("30 s", error.Message, StringComparison.Ordinal);
        Assert.IsType<TimeoutException>(error.InnerException);
        Assert.Equal(step == ModelLoadStep.Resolving, error.IsTransient);
        Assert.Equal(step == ModelLoadStep.Resolving ? 0 : 1, _fixture.Loggers.Count("LoadLetGo"));
        Assert.Equal(1, _fixture.Loggers.Count("LoadFailed"));
        var status = host.GetStatus(Name);
        Assert.Equal((1, null), (status.Current!.Version.Version, status.Loading));
        Assert.Same(error, status.LastError);
        Assert.Equal(HealthStatus.Degraded, await CheckAsync(host));
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);

        if (step != ModelLoadStep.Resolving)
        {
            // The same again would hang beside it.
            var again = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
            Assert.Contains("is not loaded again", again.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, Volatile.Read(ref _hangs));
        resolver.Hang = null;
        await _fixture.PointToAsync(3);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(host));
        Assert.Equal(3f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);

        _stuck.Set();
        if (step != ModelLoadStep.Resolving) await _fixture.UntilAsync(() => _fixture.Loggers.Count("LetGoEnded") == 1);
        Assert.Equal((3, null), (host.GetModel(Name)!.Version.Version, host.GetStatus(Name).Loading));
        Assert.All(_fixture.Flavor.Predictors.Where(predictor => predictor.Factor == 2), predictor => Assert.Equal((1, 0), (predictor.Disposals, predictor.Violations)));
    }

    [Fact]
    public async Task ReloadAsync_SeveralVersionsHang_NoneIsLoadedAgainMeanwhile()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.BeforeLoad = (factor, _) => factor == 1 || _stuck.IsSet ? Task.CompletedTask : Hang();
        var versions = new List<ModelVersion>();
        foreach (var version in new[] { 2, 3 })
        {
            versions.Add(await _fixture.PointToAsync(version));
            var reload = host.ReloadAsync(Name, ServingFixture.Token);
            while (Volatile.Read(ref _hangs) < versions.Count) await Task.Yield();
            await _fixture.UntilAsync(() => reload.IsCompleted);
            await Assert.ThrowsAsync<ModelLoadException>(() => reload);
        }

        var errors = new List<ModelLoadException>();
        foreach (var version in versions)
        {
            _fixture.Resolver.Point(version);
            var again = host.ReloadAsync(Name, ServingFixture.Token);
            await _fixture.UntilAsync(() => again.IsCompleted);
            errors.Add(await Assert.ThrowsAsync<ModelLoadException>(() => again));
        }

        _stuck.Set();
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LetGoEnded") == Volatile.Read(ref _hangs));
        Assert.All(errors, error => Assert.Contains("is not loaded again", error.Message, StringComparison.Ordinal));
        Assert.Equal(2, Volatile.Read(ref _hangs));
        Assert.Equal(3, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
    }

    [Fact]
    public async Task ReloadAsync_FetchHangs_IsTriedAgainWhenItHasEnded()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2);
        _fixture.Artifacts.BeforeRead = Hang;
        var reload = host.ReloadAsync(Name, ServingFixture.Token);
        await _begun.Task;
        await _fixture.UntilAsync(() => reload.IsCompleted);
        Assert.True((await Assert.ThrowsAsync<ModelLoadException>(() => reload)).IsTransient);
        _fixture.Artifacts.BeforeRead = null;
        _stuck.Set();
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LetGoEnded") == 1);
        Assert.Equal(2, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
    }

    [Fact]
    public async Task ReloadAsync_CancelledWhileItHangs_IsLetGoAndTheModelCanBeRemoved()
    {
        _options.LoadTimeout = Timeout.InfiniteTimeSpan;
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2);
        _fixture.Flavor.BeforePredict = HangOn;
        using var cancellation = new CancellationTokenSource();
        var reload = host.ReloadAsync(Name, cancellation.Token);
        await _begun.Task;
        await cancellation.CancelAsync();
        await _fixture.UntilAsync(() => reload.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reload);
        Assert.Equal((1, 0), (_fixture.Loggers.Count("LoadLetGo"), _fixture.Loggers.Count("LoadFailed")));
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        Assert.True(await host.RemoveAsync(Name));
        _stuck.Set();
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LetGoEnded") == 1);
        Assert.Equal(0, host.LoadedBytes);
        Assert.All(_fixture.Flavor.Predictors, predictor => Assert.Equal((1, 0), (predictor.Disposals, predictor.Violations)));
    }

    [Fact]
    public async Task AddAsync_LoadHangs_AddsNothingAndOthersAreLoaded()
    {
        _options.MaxConcurrentLoads = 1;
        await _fixture.PointToAsync(2);
        await _fixture.SaveAsync("other", 5);
        _fixture.Flavor.BeforeLoad = (factor, _) => HangOn(factor);
        await using var host = _fixture.CreateHost(_options);
        var adding = host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _begun.Task;
        await _fixture.UntilAsync(() => adding.IsCompleted);
        await Assert.ThrowsAsync<ModelLoadException>(() => adding);
        Assert.Empty(host.GetStatus());
        await host.AddAsync("other", ModelSource.FromDirectory(_fixture.PathOf("other")), cancellationToken: ServingFixture.Token);
        _stuck.Set();
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LetGoEnded") == 1);
        Assert.Equal(host.LoadedBytes, new DirectoryInfo(_fixture.PathOf("other")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));
    }

    [Fact]
    public async Task PredictAsync_FirstUseHangs_IsRejectedAndNotBegunAgainMeanwhile()
    {
        _options.LoadTimeout = TimeSpan.FromDays(1);
        await _fixture.SaveAsync("model", 2);
        _fixture.Flavor.BeforePredict = HangOn;
        await using var host = _fixture.CreateHost(_options);
        host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model")), new HostedModelOptions { LoadTimeout = TimeSpan.FromSeconds(30) });
        for (var i = 0; i < 3; i++)
        {
            var call = host.GetTyped<X, Y>(Name).PredictAsync(new X(2), cancellationToken: ServingFixture.Token).AsTask();
            await _begun.Task;
            await _fixture.UntilAsync(() => call.IsCompleted);
            Assert.IsType<ModelLoadException>((await Assert.ThrowsAsync<PredictionRejectedException>(() => call)).InnerException);
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(1, Volatile.Read(ref _hangs));
        _stuck.Set();
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LetGoEnded") == 1);
        Y? answer = null;
        while (answer is null)
        {
            try
            {
                // The clock ran fast while the directory was looked at: that question may have been let go too, and not been answered yet.
                _fixture.Time.Advance(TimeSpan.FromMinutes(1));
                answer = await host.GetTyped<X, Y>(Name).PredictAsync(new X(2), cancellationToken: ServingFixture.Token);
            }
            catch (PredictionRejectedException)
            {
                await Task.Delay(10, ServingFixture.Token);
            }
        }

        Assert.Equal(new Y(4, 2), answer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AutoReload_SourceNeitherAnswersNorHeedsItsToken_IsNotAskedAgainByItself(bool isOnFirstUse)
    {
        var asked = 0;
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.PointToAsync(1);
        var resolver = new HangingResolver(_fixture.Resolver);
        _options.AutoReload = true;

        // So long that the clock, which is moved while version 3 is really loaded, does not get there.
        (_options.LoadTimeout, _options.HangTimeout) = (TimeSpan.FromDays(20), Timeout.InfiniteTimeSpan);
        await using var host = new ModelHost(resolver, _fixture.CreateLoader(), _options, null, _fixture.Time, _fixture.Loggers);
        host.Declare(Name, ModelSource.FromRegistry(ServingFixture.Champion), null, isOnFirstUse);
        await host.StartAsync(ServingFixture.Token);
        (await host.AcquireAsync(Name, ServingFixture.Token)).Dispose();

        // What the watch tells at its beginning is looked at too.
        var looks = isOnFirstUse ? 1 : 2;
        while (_fixture.Loggers.Messages("StepEnded").Count(message => message.Contains(nameof(ModelLoadStep.Resolving), StringComparison.Ordinal)) < looks) await Task.Yield();
        resolver.Hang = () =>
        {
            Interlocked.Increment(ref asked);
            return answer.Task;
        };
        await _fixture.UntilAsync(() => Volatile.Read(ref asked) > 0);
        for (var after = 0; after < 200; after += _fixture.Loggers.Count("SourceFails") > 0 ? 1 : 0)
        {
            _fixture.Time.Advance(TimeSpan.FromDays(1));
            await Task.Yield();
        }

        var askedByItself = Volatile.Read(ref asked);

        // Who asks for it is heard, and when the source answers again, so is everything else.
        resolver.Hang = null;
        await _fixture.PointToAsync(2);
        Assert.Equal(2, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
        answer.SetResult();
        await _fixture.PointToAsync(3);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 3);
        Assert.Equal(1, askedByItself);
    }

    [Theory]
    [InlineData(ModelLoadStep.CheckingSignature)]
    [InlineData(ModelLoadStep.WarmingUp)]
    [InlineData(ModelLoadStep.Switching)]
    public async Task ReloadAsync_VersionIsNotTakenAndItsDisposalHangs_TellsWhyAndTheNextOneIsTaken(ModelLoadStep step)
    {
        _options.LoadTimeout = Timeout.InfiniteTimeSpan;
        await _fixture.PointToAsync(1);
        var disposal = new TaskCompletionSource();
        using var cancellation = new CancellationTokenSource();
        var flavor = new DelegateFlavor(_fixture.Flavor, factor => factor != 2 ? new FactorModel(factor).CreatePredictor() : new StuckPredictor(step == ModelLoadStep.CheckingSignature ? "other" : "x", disposal.Task, () =>
        {
            if (step == ModelLoadStep.WarmingUp) throw new PredictionFailedException(Name, "no");
            cancellation.Cancel();
        }));
        await using var host = new ModelHost(_fixture.Resolver, _fixture.CreateLoader(flavor), _options, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2);
        var reload = host.ReloadAsync(Name, cancellation.Token);
        await _fixture.UntilAsync(() => reload.IsCompleted);
        if (step == ModelLoadStep.Switching) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reload);
        else Assert.Contains(step == ModelLoadStep.WarmingUp ? "it fails on rows of zeros: no" : "'other'", (await Assert.ThrowsAsync<ModelLoadException>(() => reload)).Message, StringComparison.Ordinal);
        await _fixture.PointToAsync(3);
        Assert.Equal(3, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
        Assert.False(disposal.Task.IsCompleted);
        disposal.SetResult();
    }

    [Fact]
    public async Task AddAsync_ModelCannotBeBatchedAndItsDisposalHangs_TellsWhy()
    {
        (_options.LoadTimeout, _options.WarmUp) = (Timeout.InfiniteTimeSpan, false);
        var disposal = new TaskCompletionSource();
        await using var host = _fixture.CreateHost(_options);
        var source = ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(new StuckPredictor("x", disposal.Task, static () => { }, rows: 3)));
        var adding = host.AddAsync(Name, source, new HostedModelOptions().UseBatching(), ServingFixture.Token);
        await _fixture.UntilAsync(() => adding.IsCompleted);
        Assert.Contains("cannot be batched", (await Assert.ThrowsAsync<ModelLoadException>(() => adding)).Message, StringComparison.Ordinal);
        disposal.SetResult();
    }

    [Fact]
    public async Task LoadTimeout_OutOfRange_Throws()
    {
        foreach (var timeout in new[] { TimeSpan.Zero, TimeSpan.FromDays(50), TimeSpan.FromSeconds(-1) })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { LoadTimeout = timeout }));
            await using var host = _fixture.CreateHost();
            Assert.Throws<ArgumentOutOfRangeException>(() => host.Add(Name, ModelSource.FromDirectory("model"), new HostedModelOptions { LoadTimeout = timeout }));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { MaxConcurrentLoads = 0 }));
    }

    private static async Task<HealthStatus> CheckAsync(ModelHost host) => (await new ServingHealthCheck(host).CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token)).Status;

    private static async Task<GoldenRows> CaptureAsync()
    {
        var model = new FactorModel(2);
        using var inputs = model.Signature.RentInputs(1);
        TensorNumbers.FromDoubles([1], inputs[0]);
        return await GoldenRows.CaptureAsync(model.CreatePredictor(), inputs, ServingFixture.Token);
    }

    private Task HangOn(float factor) => factor == 2 && !_stuck.IsSet ? Hang() : Task.CompletedTask;

    /// <summary>Takes the thread, as a native call does that nothing interrupts.</summary>
    private Task Hang()
    {
        Interlocked.Increment(ref _hangs);
        _begun.TrySetResult();
        _stuck.Wait(CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Something whose disposal hangs.</summary>
    private sealed class StuckPredictor(string inputName, Task disposal, Action onPredict, int rows = -1) : IPredictor
    {
        public ModelSignature Signature { get; } = new([new TensorSpec(inputName, ElementType.Float32, [rows, 1])], [TensorSpec.Of<float>("y"), TensorSpec.Of<float>("factor")]);

        public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            onPredict();
            return default;
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public ValueTask DisposeAsync() => new(disposal);
    }

    private sealed class HangingResolver(MemoryResolver resolver) : IModelResolver
    {
        public Func<Task>? Hang { get; set; }

        public async Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
        {
            if (Hang is { } hang) await hang();
            return await resolver.ResolveAsync(uri, cancellationToken);
        }

        public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default) => resolver.WatchAsync(uri, cancellationToken);
    }
}
