using System.Runtime.CompilerServices;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

public sealed class RegistryPollTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(Watch.NeverDelivers)]
    [InlineData(Watch.FallsSilent)]
    [InlineData(Watch.Fails)]
    [InlineData(Watch.Ends)]
    [InlineData(Watch.IsNotSupported)]
    [InlineData(Watch.IgnoresItsToken)]
    public async Task AutoReload_WatchTellsNothing_SwapsAllTheSame(Watch watch)
    {
        await _fixture.PointToAsync(1);
        await using var host = new ModelHost(new PoorResolver(_fixture.Resolver, watch), _fixture.CreateLoader(), new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan }, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        for (var version = 2; version <= 4; version++)
        {
            await _fixture.PointToAsync(version);
            await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == version);
        }

        Assert.Equal(watch == Watch.IsNotSupported ? 1 : 0, _fixture.Loggers.Count("WatchUnsupported"));
    }

    [Fact]
    public async Task AutoReload_RefusedVersionPolled_IsTriedOnce()
    {
        await _fixture.PointToAsync(1);
        var resolver = new PoorResolver(_fixture.Resolver, Watch.NeverDelivers);
        await using var host = new ModelHost(resolver, _fixture.CreateLoader(), new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan }, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        await _fixture.PointToAsync(2, new FactorModel(2, inputName: "other"));
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LoadFailed") == 1);
        var asked = resolver.Resolutions;
        await _fixture.UntilAsync(() => resolver.Resolutions >= asked + 10);
        Assert.Equal(1, _fixture.Loggers.Count("LoadFailed"));
    }

    [Fact]
    public async Task AutoReload_RegistryUnreachableWhilePolled_GoesOnAndThenSwaps()
    {
        await _fixture.PointToAsync(1);
        await using var host = new ModelHost(new PoorResolver(_fixture.Resolver, Watch.NeverDelivers), _fixture.CreateLoader(), new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan }, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var began = _fixture.Time.GetUtcNow();
        _fixture.Resolver.Fail(new StorageException("memory", "resolve", "out of reach"));
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("PollFailed") >= 3);
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);

        // Told once, to whoever reads the log, and as long as it lasts to whoever asks.
        Assert.Equal($"models:/{Name}@champion does not tell what {Name} is to serve, and is asked again and again; until it does, version 1 serves: models:/{Name}@champion could not be resolved: out of reach", Assert.Single(_fixture.Loggers.Messages("SourceFails")));
        var status = host.GetStatus(Name);
        Assert.InRange(status.SourceFault!.Since, began, _fixture.Time.GetUtcNow());
        Assert.Contains($"; its source does not tell since {status.SourceFault.Since:u} what is to be served: ", status.ToString(), StringComparison.Ordinal);
        var health = await new ServingHealthCheck(host).CheckHealthAsync(new HealthCheckContext(), ServingFixture.Token);
        Assert.Equal(HealthStatus.Healthy, health.Status);
        Assert.StartsWith($"1 model is served. The source of the model '{Name}' does not tell since ", health.Description, StringComparison.Ordinal);

        await _fixture.PointToAsync(2);
        _fixture.Resolver.Fail(null);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
        Assert.Null(host.GetStatus(Name).SourceFault);
        Assert.Equal((1, 1), (_fixture.Loggers.Count("SourceFails"), _fixture.Loggers.Count("SourceAnswersAgain")));
    }

    [Fact]
    public async Task AutoReload_RegistryUnreachableForALoad_IsToldOfByTheLoadAlone()
    {
        await _fixture.PointToAsync(1);
        await using var host = new ModelHost(new PoorResolver(_fixture.Resolver, Watch.NeverDelivers), _fixture.CreateLoader(), new ModelHostOptions { LoadTimeout = Timeout.InfiniteTimeSpan }, null, _fixture.Time, _fixture.Loggers);
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Resolver.Fail(new StorageException("memory", "resolve", "out of reach"));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("PollFailed") >= 3);
        _fixture.Resolver.Fail(null);
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("SourceAnswersAgain") == 1);
        Assert.Equal((1, 0), (_fixture.Loggers.Count("LoadFailed"), _fixture.Loggers.Count("SourceFails")));
    }

    [Fact]
    public async Task PollInterval_OutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { PollInterval = TimeSpan.Zero }));
        await using var host = _fixture.CreateHost(new ModelHostOptions { PollInterval = TimeSpan.FromDays(49) });
        Assert.Throws<ArgumentOutOfRangeException>(() => _fixture.CreateHost(new ModelHostOptions { PollInterval = TimeSpan.FromDays(50) }));
    }

    public enum Watch
    {
        NeverDelivers,
        FallsSilent,
        Fails,
        Ends,
        IsNotSupported,
        IgnoresItsToken,
    }

    /// <summary>Resolves as it should, and watches as a bad registry, or none, does.</summary>
    private sealed class PoorResolver(MemoryResolver resolver, Watch watch) : IModelResolver
    {
        private int _resolutions;

        public int Resolutions => Volatile.Read(ref _resolutions);

        public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _resolutions);
            return resolver.ResolveAsync(uri, cancellationToken);
        }

        public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default)
            => watch == Watch.IsNotSupported ? throw new NotSupportedException("no watch") : WatchPoorlyAsync(uri, cancellationToken);

        private async IAsyncEnumerable<ModelVersion> WatchPoorlyAsync(ModelUri uri, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            if (watch == Watch.Fails) throw new StorageException("memory", "watch", "no connection");
            if (watch == Watch.FallsSilent) yield return await resolver.ResolveAsync(uri, cancellationToken);
            if (watch == Watch.Ends) yield break;
            await Task.Delay(Timeout.Infinite, watch == Watch.IgnoresItsToken ? CancellationToken.None : cancellationToken);
        }
    }
}
