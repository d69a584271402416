using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

/// <summary>Sources that do not tell what is to be served: what is told of it, how often, and for how long.</summary>
public sealed class SourceOutageTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private static readonly StorageException s_outage = new("memory", "resolve", "out of reach");
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AutoReload_AliasGoneWhileALoadIsTriedAgain_IsToldOfOnce()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Artifacts.Failure = new IOException("out of reach");
        await _fixture.PointToAsync(2);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("StillFails") >= 2);
        _fixture.Resolver.Point(null);
        await _fixture.UntilAsync(() => host.GetStatus(Name).LastError?.InnerException is EntityNotFoundException);
        var tries = _fixture.Loggers.Count("StillFails");
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("StillFails") >= tries + 5);

        // The store, and then the alias: by the load or by the look of whoever found out first.
        Assert.Equal(2, _fixture.Loggers.Count("LoadFailed") + _fixture.Loggers.Count("SourceFails"));
        _fixture.Artifacts.Failure = null;
        await _fixture.PointToAsync(3);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 3);
        Assert.Equal(1, _fixture.Loggers.Count("SourceAnswersAgain"));
    }

    [Fact]
    public async Task AutoReload_NoLongerReachableAndThenNoLongerThere_IsToldOfBoth()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Resolver.Fail(s_outage);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("PollFailed") >= 3);
        _fixture.Resolver.Point(null);
        _fixture.Resolver.Fail(null);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("SourceFails") >= 2);
        var polls = _fixture.Loggers.Count("PollFailed");
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("PollFailed") >= polls + 3);
        Assert.Equal([s_outage.Message, $"{ServingFixture.Champion} points nowhere."], _fixture.Loggers.Messages("SourceFails").Select(message => message.Split("could not be resolved: ")[1]));
    }

    /// <summary>Nobody but the one who asked knows that his reload has failed: the watch was not broken.</summary>
    [Fact]
    public async Task ReloadAsync_FailsInTwoOutages_EachIsToldOfAndHealthIsGoodAfterwards()
    {
        await _fixture.PointToAsync(1);
        var resolver = new GatedResolver(_fixture.Resolver);
        await using var host = new ModelHost(resolver, _fixture.CreateLoader(), new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan }, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await LooksAsync(2);
        for (var outage = 1; outage <= 2; outage++)
        {
            (resolver.Gate = new TaskCompletionSource<ModelVersion>()).SetException(s_outage);
            await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
            Assert.Equal(HealthStatus.Degraded, await CheckAsync(host));
            Assert.Equal(outage, _fixture.Loggers.Count("LoadFailed") + _fixture.Loggers.Count("SourceFails"));
            resolver.Gate = null;
            await _fixture.UntilAsync(() => host.GetStatus(Name).LastError is null);
            Assert.Equal(outage, _fixture.Loggers.Count("SourceAnswersAgain"));
            Assert.Equal(HealthStatus.Healthy, await CheckAsync(host));
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task ReloadAsync_FailsWhereNobodyAsksAgain_IsTheErrorOfTheAttemptAlone(bool isFixed, bool isFollowed)
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = isFollowed });
        await host.AddAsync(Name, isFixed == isFollowed ? ServingFixture.Champion : ModelUri.OfVersion(Name, 1), ServingFixture.Token);
        _fixture.Resolver.Fail(s_outage);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Equal((error, null), (host.GetStatus(Name).LastError, host.GetStatus(Name).SourceFault));
        _fixture.Resolver.Fail(null);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Null(host.GetStatus(Name).LastError);
    }

    [Fact]
    public async Task AutoReload_EvictedInAnOutage_HasNoFaultAnyMore()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { MemoryBudgetBytes = 1_000_000 });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        host.Add("large", ModelSource.FromModel(_ => Task.FromResult<IModel>(new SizedModel(2, 1_000_000))));
        (await host.AcquireAsync(Name, ServingFixture.Token)).Dispose();
        _fixture.Resolver.Fail(s_outage);
        await _fixture.UntilAsync(() => host.GetStatus(Name).SourceFault is not null);
        (await host.AcquireAsync("large", ServingFixture.Token)).Dispose();
        Assert.Equal((HostedModelState.OnFirstUse, null), (host.GetStatus(Name).State, host.GetStatus(Name).SourceFault));
        Assert.Equal(HealthStatus.Healthy, await CheckAsync(host));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_EvictedInAnOutage_IsLoadedAgain(bool isAliasGone)
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { MemoryBudgetBytes = 1_000_000 });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        host.Add("large", ModelSource.FromModel(_ => Task.FromResult<IModel>(new SizedModel(2, 1_000_000))));
        (await host.AcquireAsync(Name, ServingFixture.Token)).Dispose();
        (await host.AcquireAsync("large", ServingFixture.Token)).Dispose();
        Assert.Equal(HostedModelState.OnFirstUse, host.GetStatus(Name).State);
        if (isAliasGone) _fixture.Resolver.Point(null);
        else _fixture.Resolver.Fail(s_outage);
        using (var lease = await host.AcquireAsync(Name, ServingFixture.Token)) Assert.Equal(1, lease.Model.Version.Version);
        Assert.True(host.GetStatus(Name).IsLastGood);
        Assert.Equal(1, _fixture.Loggers.Count("ServesLastGood"));

        _fixture.Resolver.Fail(null);
        await _fixture.PointToAsync(2);
        await _fixture.UntilAsync(() => !host.GetStatus(Name).IsLastGood);
        Assert.Equal((2, null, null), (host.GetModel(Name)!.Version.Version, host.GetStatus(Name).LastError, host.GetStatus(Name).SourceFault));
    }

    [Fact]
    public async Task ReloadAsync_EvictedAndAliasGone_Fails()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions { MemoryBudgetBytes = 1_000_000 });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        host.Add("large", ModelSource.FromModel(_ => Task.FromResult<IModel>(new SizedModel(2, 1_000_000))));
        (await host.AcquireAsync(Name, ServingFixture.Token)).Dispose();
        (await host.AcquireAsync("large", ServingFixture.Token)).Dispose();
        _fixture.Resolver.Point(null);
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.IsType<EntityNotFoundException>(error.InnerException);
    }

    [Fact]
    public async Task AutoReload_OlderQuestionFailsAfterANewerAnswer_ChangesNothing()
    {
        await _fixture.PointToAsync(1);
        var resolver = new GatedResolver(_fixture.Resolver);
        await using var host = new ModelHost(resolver, _fixture.CreateLoader(), new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan }, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await LooksAsync(2);
        var gate = resolver.Gate = new TaskCompletionSource<ModelVersion>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _fixture.UntilAsync(() => resolver.Waiting == 1);
        resolver.Gate = null;
        await host.ReloadAsync(Name, ServingFixture.Token);
        gate.SetException(s_outage);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("PollFailed") + _fixture.Loggers.Count("SourceFails") > 0);
        Assert.Equal((0, null), (_fixture.Loggers.Count("SourceFails"), host.GetStatus(Name).SourceFault));
    }

    /// <summary>The question of somebody who has gone away hangs: the source is not asked beside it, which must not go unnoticed.</summary>
    [Fact]
    public async Task ReloadAsync_CancelledAndItsQuestionHangs_IsToldOfWhileItHangs()
    {
        await _fixture.PointToAsync(1);
        var resolver = new GatedResolver(_fixture.Resolver);
        await using var host = new ModelHost(resolver, _fixture.CreateLoader(), new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan }, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await LooksAsync(2);
        using var cancellation = new CancellationTokenSource();
        var gate = resolver.Gate = new TaskCompletionSource<ModelVersion>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reload = host.ReloadAsync(Name, cancellation.Token);
        while (resolver.Waiting == 0) await Task.Yield();
        await cancellation.CancelAsync();
        await _fixture.UntilAsync(() => reload.IsCompleted);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reload);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("SourceFails") == 1);
        Assert.Contains("is not asked again by itself", host.GetStatus(Name).SourceFault!.Error.Message, StringComparison.Ordinal);
        resolver.Gate = null;
        gate.SetException(s_outage);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("SourceAnswersAgain") == 1);
        Assert.Null(host.GetStatus(Name).SourceFault);
    }

    [Fact]
    public async Task AutoReload_OutageWhileNothingServes_IsToldAsSuch()
    {
        await _fixture.PointToAsync(1);
        _fixture.Flavor.Failure = new PredictionFailedException(Name, "no");
        await using var host = _fixture.CreateHost(new ModelHostOptions { RequireModelsAtStart = false });
        host.Declare(Name, ModelSource.FromRegistry(ServingFixture.Champion), null);
        await host.StartAsync(ServingFixture.Token);
        _fixture.Resolver.Fail(s_outage);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("SourceFails") == 1);
        Assert.Contains("; until it does, nothing serves: ", Assert.Single(_fixture.Loggers.Messages("SourceFails")), StringComparison.Ordinal);
    }

    private static async Task<HealthStatus> CheckAsync(ModelHost host) => (await new ServingHealthCheck(host).CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token)).Status;

    /// <summary>Waits until the host has asked its source in as many attempts to load: the first, and that for what the watch tells at its beginning.</summary>
    private async Task LooksAsync(int count)
    {
        while (_fixture.Loggers.Messages("StepEnded").Count(message => message.Contains(nameof(ModelLoadStep.Resolving), StringComparison.Ordinal)) < count) await Task.Yield();
    }

    /// <summary>Answers when the test lets it.</summary>
    private sealed class GatedResolver(MemoryResolver resolver) : IModelResolver
    {
        private int _waiting;

        public TaskCompletionSource<ModelVersion>? Gate { get; set; }

        public int Waiting => Volatile.Read(ref _waiting);

        public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
        {
            if (Gate is not { } gate) return resolver.ResolveAsync(uri, cancellationToken);
            Interlocked.Increment(ref _waiting);
            return gate.Task;
        }

        public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default) => resolver.WatchAsync(uri, cancellationToken);
    }
}
