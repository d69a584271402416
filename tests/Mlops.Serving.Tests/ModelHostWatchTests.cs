using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

public sealed class ModelHostWatchTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AutoReload_AliasMoved_Swaps()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
        await _fixture.PointToAsync(3);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 3);
    }

    [Fact]
    public async Task AutoReload_RegistryUnreachableForAWhile_GoesOnServingAndThenSwaps()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.UntilAsync(() => _fixture.Resolver.Watches == 1);
        _fixture.Resolver.Fail(new StorageException("memory", "watch", "out of reach"));
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("WatchFailed") >= 3);
        Assert.Single(_fixture.Loggers.Levels("WatchFailed"), LogLevel.Warning);
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        await _fixture.PointToAsync(2);
        _fixture.Resolver.Fail(null);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
    }

    [Fact]
    public async Task AutoReload_StoreUnreachable_TriesAgain()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Artifacts.Failure = new IOException("out of reach");
        await _fixture.PointToAsync(2);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("StillFails") >= 3);
        Assert.Equal((1, 1), (host.GetModel(Name)!.Version.Version, _fixture.Loggers.Count("LoadFailed")));
        _fixture.Artifacts.Failure = null;
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
    }

    [Fact]
    public async Task AutoReload_NewVersionRefused_IsTriedOnceAndTheNextOneIsTaken()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2, new FactorModel(2, inputName: "other"));
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LoadFailed") == 1);
        for (var i = 0; i < 1000; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        Assert.Equal(1, _fixture.Loggers.Count("LoadFailed"));
        Assert.Equal(1, host.GetModel(Name)!.Version.Version);
        await _fixture.PointToAsync(3);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 3);
    }

    [Fact]
    public async Task AutoReload_MovedWhileLoadingHangs_TakesTheLatest()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { LoadTimeout = TimeSpan.FromDays(1) });
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var begun = new TaskCompletionSource();
        _fixture.Flavor.BeforeLoad = async (factor, token) =>
        {
            if (factor != 2) return;
            begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        };
        await _fixture.PointToAsync(2);
        await begun.Task.WaitAsync(ServingFixture.Token);
        await _fixture.PointToAsync(3);
        _fixture.Time.Advance(TimeSpan.FromDays(1));
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 3);
        Assert.DoesNotContain(_fixture.Flavor.Predictors, predictor => predictor.Factor == 2);
    }

    [Fact]
    public async Task AutoReload_MovesFasterThanLoadsEnd_FinishesWhatItHasBegunAndThenTakesTheLatest()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var served = new ConcurrentQueue<int>();
        using var subscription = host.OnSwapped(swap => served.Enqueue(swap.Current.Version.Version));

        // Each load is still going on when the next version comes.
        var versions = new List<ModelVersion>();
        for (var version = 2; version <= 12; version++) versions.Add(await _fixture.RegisterAsync(version));
        var next = 1;
        _fixture.Flavor.BeforeLoad = async (_, token) =>
        {
            if (next >= versions.Count) return;
            var heard = _fixture.Resolver.Deliveries;
            _fixture.Resolver.Point(versions[next++]);
            while (_fixture.Resolver.Deliveries == heard && !token.IsCancellationRequested) await Task.Yield();
            token.ThrowIfCancellationRequested();
        };
        _fixture.Resolver.Point(versions[0]);
        await _fixture.UntilAsync(() => served.LastOrDefault() == 12);
        Assert.Equal(Enumerable.Range(1, 12), served);
    }

    [Fact]
    public async Task AutoReload_MovedInRapidSuccession_EndsAtTheLatest()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var versions = new List<ModelVersion>();
        for (var version = 2; version <= 50; version++) versions.Add(await _fixture.RegisterAsync(version));
        foreach (var version in versions) _fixture.Resolver.Point(version);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 50);
        await _fixture.UntilAsync(() => host.GetStatus()[0].Draining.Count == 0);
        Assert.All(_fixture.Flavor.Predictors, predictor => Assert.Equal(predictor.Factor == 50 ? 0 : 1, predictor.Disposals));
    }

    [Fact]
    public async Task AutoReload_FixedVersion_IsNotWatched()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ModelUri.OfVersion(Name, 1), ServingFixture.Token);
        await host.DisposeAsync();
        Assert.Equal(0, _fixture.Resolver.Watches);
    }

    [Fact]
    public async Task AutoReload_Off_WaitsForReload()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false });
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await host.DisposeAsync();
        Assert.Equal(0, _fixture.Resolver.Watches);
    }

    [Fact]
    public void DelayAfter_FailuresInARow_DoublesUpToTheLimit()
    {
        var options = new ModelHostOptions { RetryDelay = TimeSpan.FromSeconds(1), MaxRetryDelay = TimeSpan.FromSeconds(5) };
        Assert.Equal([1, 2, 4, 5, 5], new[] { 1, 2, 3, 4, 1000 }.Select(failures => options.DelayAfter(failures).TotalSeconds));
    }
}
