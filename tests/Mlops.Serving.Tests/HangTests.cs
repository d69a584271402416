using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

public sealed class HangTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();
    private readonly ModelHostOptions _options = new() { AutoReload = false, WarmUp = false, HangTimeout = TimeSpan.FromSeconds(10) };

    public void Dispose() => _fixture.Dispose();

    /// <summary>A native call that nothing can interrupt, on the thread of its caller: others go on, and the host says that it hangs until it returns.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_ThreadHangsInTheModel_OthersGoOnAndTheHostIsUnhealthy(bool isBatched)
    {
        using var stuck = new ManualResetEventSlim();
        var isStuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(_options);
        var options = isBatched ? new HostedModelOptions().UseBatching(batching => (batching.WorkerCount, batching.HangTimeout) = (2, TimeSpan.FromSeconds(10))) : null;
        await host.AddAsync(Name, ServingFixture.Champion, options, ServingFixture.Token);
        var predictor = host.Get(Name);
        _fixture.Flavor.BeforePredict = _ =>
        {
            if (!isStuck.TrySetResult()) return Task.CompletedTask;
            stuck.Wait(CancellationToken.None);
            return Task.CompletedTask;
        };
        var hanging = Task.Run(() => ServingFixture.PredictAsync(predictor));
        await isStuck.Task;
        _fixture.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(0, host.GetStatus(Name).HangingCalls);
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(new ServingHealthCheck(host)));
        Assert.Equal(0, _fixture.Loggers.Count("Hanging"));

        // It began up to a period after the last tick of the coarse clock.
        for (var i = 0; i < 2; i++) _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        var status = host.GetStatus(Name);
        Assert.Equal(1, status.HangingCalls);
        Assert.InRange(status.LongestCall, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11));
        Assert.Contains("; 1 call hangs, for 1", status.ToString(), StringComparison.Ordinal);
        Assert.Contains("; 2 calls hang, the oldest for 1", (status with { HangingCalls = 2 }).ToString(), StringComparison.Ordinal);
        Assert.StartsWith($"Predictions by {Name} that hang: 1; the oldest has been running for 1", Assert.Single(_fixture.Loggers.Messages("Hanging")), StringComparison.Ordinal);
        var unhealthy = await new ServingHealthCheck(host).CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token);
        Assert.Equal(HealthStatus.Unhealthy, unhealthy.Status);
        Assert.StartsWith($"1 call of the model '{Name}' hangs, for 1", unhealthy.Description, StringComparison.Ordinal);
        Assert.Equal(HealthStatus.Unhealthy, await CheckAsync(new ServingLivenessCheck(host)));
        for (var i = 0; i < 200; i++) Assert.Equal(2f, (await ServingFixture.PredictAsync(predictor)).Output.Factor);

        // Also while it keeps a generation that was replaced.
        await _fixture.PointToAsync(3);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Equal(1, host.GetStatus(Name).HangingCalls);

        stuck.Set();
        Assert.Equal(2f, (await hanging).Output.Factor);
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, host.GetStatus(Name).HangingCalls);
        Assert.Equal(1, _fixture.Loggers.Count("HangEnded"));
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(new ServingLivenessCheck(host)));
    }

    /// <summary>The callers of a batch are let go at their deadlines, but the model is in use: it outlives a swap, and the host goes on saying that it hangs.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_BatchHangsAndItsCallersHaveGone_TheModelIsDisposedWhenItEnds(bool isRemoved)
    {
        using var stuck = new ManualResetEventSlim();
        var isStuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync(Name, ServingFixture.Champion, new HostedModelOptions().UseBatching(batching => batching.HangTimeout = TimeSpan.FromSeconds(10)), ServingFixture.Token);
        var predictor = host.Get(Name);
        _fixture.Flavor.OnPredict = _ =>
        {
            isStuck.TrySetResult();
            stuck.Wait(CancellationToken.None);
        };
        using var inputs = predictor.Signature.RentInputs(1);
        using var outputs = predictor.Signature.RentOutputs(1);
        var call = predictor.PredictAsync(inputs, outputs, new PredictionContext { Deadline = _fixture.Time.GetUtcNow() + TimeSpan.FromSeconds(1) }, ServingFixture.Token).AsTask();
        await isStuck.Task;
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAsync<PredictionFailedException>(() => call);

        var old = Assert.Single(_fixture.Flavor.Predictors);
        _fixture.Flavor.OnPredict = null;
        Task<bool>? removing = null;
        if (isRemoved)
        {
            removing = host.RemoveAsync(Name);
        }
        else
        {
            await _fixture.PointToAsync(3);
            await host.ReloadAsync(Name, ServingFixture.Token);
            Assert.Equal(3f, (await ServingFixture.PredictAsync(predictor)).Output.Factor);
        }

        _fixture.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(HealthStatus.Unhealthy, await CheckAsync(new ServingLivenessCheck(host)));
        Assert.Equal(0, old.Disposals);
        if (removing is null)
        {
            var status = host.GetStatus(Name);
            Assert.Equal((1, 2), (status.HangingCalls, Assert.Single(status.Draining).Version.Version));
        }
        else
        {
            _fixture.Time.Advance(_options.DrainTimeout);
            Assert.True(await removing);
            Assert.Equal(1, _fixture.Loggers.Count("RemovalTimedOut"));
            Assert.Equal(HealthStatus.Unhealthy, await CheckAsync(new ServingHealthCheck(host)));
        }

        stuck.Set();
        await old.DisposedSource.Task;
        Assert.Equal((1, 0), (old.Disposals, old.Violations));
        while (await CheckAsync(new ServingLivenessCheck(host)) != HealthStatus.Healthy) await Task.Delay(1, ServingFixture.Token);
    }

    /// <summary>A model made of a lease of another one: its own calls are watched, not those of the other, whichever of them is batched; and it is not asked when it is disposed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PredictAsync_ModelMadeOfAnotherHangs_IsSeenOnItAlone(bool isPartBatched)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync("part", ModelSource.FromRegistry(ServingFixture.Champion), isPartBatched ? new HostedModelOptions().UseBatching() : null, ServingFixture.Token);
        var whole = new Whole(await host.AcquireAsync("part", ServingFixture.Token)) { Before = () => gate.Task };
        await host.AddAsync("whole", ModelSource.FromPredictor(_ => Task.FromResult<IPredictor>(whole)), cancellationToken: ServingFixture.Token);
        var call = ServingFixture.PredictAsync(host.Get("whole"));
        for (var i = 0; i < 11; i++) _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1, 0), (host.GetStatus("whole").HangingCalls, host.GetStatus("part").HangingCalls));
        Assert.Equal(HealthStatus.Unhealthy, await CheckAsync(new ServingLivenessCheck(host)));
        gate.SetResult();
        await call;

        // While it is being disposed, it can no more be asked for anything.
        var disposing = whole.Disposing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var removing = host.RemoveAsync("whole");
        while (!whole.IsDisposing) await Task.Delay(1, ServingFixture.Token);
        _fixture.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(new ServingHealthCheck(host)));
        disposing.SetResult();
        Assert.True(await removing);
        Assert.Equal(0, _fixture.Loggers.Count("DisposeFailed"));
    }

    [Fact]
    public async Task GetStatus_ManyCallsAtOnce_SeesEachOfThem()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.BeforePredict = _ => gate.Task;
        var calls = Enumerable.Range(0, 1000).Select(_ => ServingFixture.PredictAsync(host.Get(Name))).ToArray();
        _fixture.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(1000, host.GetStatus(Name).HangingCalls);
        gate.SetResult();
        await Task.WhenAll(calls);
        Assert.Equal(0, host.GetStatus(Name).HangingCalls);
    }

    [Fact]
    public async Task GetStatus_TimeoutIsInfinite_WatchesNothing()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _options.HangTimeout = Timeout.InfiniteTimeSpan;
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.BeforePredict = _ => gate.Task;
        var call = ServingFixture.PredictAsync(host.Get(Name));
        _fixture.Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal((0, TimeSpan.Zero), (host.GetStatus(Name).HangingCalls, host.GetStatus(Name).LongestCall));
        gate.SetResult();
        await call;
    }

    [Fact]
    public async Task PredictAsync_TimeoutOfTheHostIsInfinite_ABatchThatHangsIsLoggedAllTheSame()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _options.HangTimeout = Timeout.InfiniteTimeSpan;
        await _fixture.PointToAsync(2);
        await using var host = _fixture.CreateHost(_options);
        await host.AddAsync(Name, ServingFixture.Champion, new HostedModelOptions().UseBatching(batching => batching.HangTimeout = TimeSpan.FromSeconds(10)), ServingFixture.Token);
        _fixture.Flavor.BeforePredict = _ => gate.Task;
        var call = ServingFixture.PredictAsync(host.Get(Name));
        _fixture.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(1, _fixture.Loggers.Count("Hanging"));
        gate.SetResult();
        await call;
    }

    [Fact]
    public async Task CheckHealthAsync_LifeOfAHost_TellsMissingStaleAndShutDown()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddSingleton<IModelResolver>(_fixture.Resolver).AddSingleton<IArtifactStore>(_fixture.Artifacts).AddSingleton<IModelFlavor>(_fixture.Flavor);
        services.AddMlops().AddServing(s => s
            .Configure(options => options.AutoReload = false)
            .ConfigureLoader(options => options.CacheDirectory = _fixture.Cache)
            .AddModel(Name, "models:/factors@champion"));
        await using var provider = services.BuildServiceProvider();
        var (host, health) = (provider.GetRequiredService<ModelHost>(), provider.GetRequiredService<ServingHealthCheck>());

        var missing = await health.CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token);
        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Healthy), (missing.Status, await CheckAsync(provider.GetRequiredService<ServingLivenessCheck>())));
        Assert.Contains($"'{Name}' is not loaded", missing.Description, StringComparison.Ordinal);

        await _fixture.PointToAsync(1);
        await host.ReloadAsync(Name, ServingFixture.Token);
        var ready = await health.CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token);
        Assert.Equal((HealthStatus.Healthy, "1 model is served."), (ready.Status, ready.Description));
        Assert.Equal(host.GetStatus(Name).ToString(), ready.Data[Name]);

        _fixture.Resolver.Fail(new IOException("unreachable"));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        var stale = await health.CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token);
        Assert.Equal(HealthStatus.Degraded, stale.Status);
        Assert.Contains("goes on with version 1", stale.Description, StringComparison.Ordinal);

        await host.DisposeAsync();
        Assert.Equal(HealthStatus.Unhealthy, await CheckAsync(health));
    }

    [Fact]
    public async Task CheckHealthAsync_ModelsOnFirstUse_AreMissedOnlyWhenTheyCannotBeLoaded()
    {
        await using var host = _fixture.CreateHost();
        for (var i = 0; i < 150; i++) host.Add($"{Name}-{i}", ModelSource.FromRegistry(ServingFixture.Champion));
        var idle = await new ServingHealthCheck(host).CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token);
        Assert.Equal((HealthStatus.Healthy, 100), (idle.Status, idle.Data.Count));
        Assert.Equal(HostedModelState.OnFirstUse, host.GetStatus($"{Name}-0").State);

        await Assert.ThrowsAsync<ModelLoadException>(async () => await host.AcquireAsync($"{Name}-149", ServingFixture.Token));
        var failed = await new ServingHealthCheck(host).CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token);
        Assert.Equal(HealthStatus.Degraded, failed.Status);
        Assert.StartsWith($"The model '{Name}-149' could not be loaded for a prediction: ", failed.Description, StringComparison.Ordinal);
        Assert.Contains($"{Name}-149", failed.Data);
        await _fixture.PointToAsync(1);
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        using (await host.AcquireAsync($"{Name}-149", ServingFixture.Token)) Assert.Equal(HostedModelState.Serving, host.GetStatus($"{Name}-149").State);
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(new ServingHealthCheck(host)));
    }

    private static async Task<HealthStatus> CheckAsync(IHealthCheck check) => (await check.CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token)).Status;

    private sealed class Whole(ModelLease part) : DelegatingPredictor(part)
    {
        public Func<Task>? Before { get; init; }

        public TaskCompletionSource? Disposing { get; set; }

        public bool IsDisposing { get; private set; }

        public override async ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
        {
            if (Before is { } before) await before();
            await base.PredictAsync(inputs, outputs, context, cancellationToken);
        }

        protected override async ValueTask DisposeAsyncCore()
        {
            await base.DisposeAsyncCore();
            IsDisposing = true;
            if (Disposing is { } disposing) await disposing.Task;
        }
    }
}
