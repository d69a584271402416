using Mlops.Models;

namespace Mlops.Serving.Tests;

/// <summary>Loads that fail for a reason that passes, and for one that does not.</summary>
public sealed class PassingFaultTests : IDisposable
{
    private const string Name = "m";

    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("flavor")]
    [InlineData("warm-up")]
    [InlineData("cache")]
    public async Task Follow_FaultPasses_VersionIsTakenLater(string where)
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        var second = await _fixture.RegisterAsync(2);
        var mend = Break(where, second.Digest);
        _fixture.Resolver.Point(second);
        await _fixture.UntilAsync(() => host.GetStatus(Name).LastError is not null);
        Assert.True(host.GetStatus(Name).LastError!.IsTransient);
        Assert.Equal(1, host.GetModel(Name)!.Version.Version);

        mend();
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2);
        Assert.Null(host.GetStatus(Name).LastError);
    }

    [Theory]
    [InlineData("its own word")]
    [InlineData("refused")]
    [InlineData("timeout")]
    public async Task Start_ModelIsNotRequiredAndFaultPasses_IsLoadedLater(string kind)
    {
        await using var host = _fixture.CreateHost(new ModelHostOptions { RequireModelsAtStart = false });
        Exception fault = kind switch
        {
            "its own word" => new StorageException("remote", "connect", "It is not there yet.") { IsTransient = true },
            "refused" => new IOException("Connection refused"),
            _ => new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout.", new TimeoutException()),
        };
        var attempts = 0;
        host.Declare(Name, ModelSource.FromModel(_ => Interlocked.Increment(ref attempts) <= 3 ? throw fault : Task.FromResult<IModel>(new FactorModel(1, _fixture.Flavor))), null);
        await host.StartAsync(ServingFixture.Token);
        await _fixture.UntilAsync(() => host.GetModel(Name) is not null);
        Assert.Equal(4, attempts);
    }

    [Fact]
    public async Task Follow_FilesAreNotWhatTheFlavorReads_VersionIsRefused()
    {
        await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        _fixture.Flavor.BeforeLoad = (_, _) => throw new EndOfStreamException("It ends too early.");
        await _fixture.PointToAsync(2);
        await _fixture.UntilAsync(() => host.GetStatus(Name).LastError is not null);
        Assert.False(host.GetStatus(Name).LastError!.IsTransient);
    }

    /// <summary>Makes a load fail.</summary>
    /// <returns>What makes it succeed again.</returns>
    private Action Break(string where, string digest)
    {
        switch (where)
        {
            case "flavor":
                _fixture.Flavor.BeforeLoad = (_, _) => throw new IOException("Too many open files");
                return () => _fixture.Flavor.BeforeLoad = null;
            case "warm-up":
                _fixture.Flavor.Failure = new PredictionRejectedException("Busy.", TimeSpan.FromSeconds(1));
                return () => _fixture.Flavor.Failure = null;
            default:
                // Stands for a disk on which nothing can be made now.
                var obstacle = Path.Combine(_fixture.Cache, digest);
                File.WriteAllText(obstacle, "");
                return () => File.Delete(obstacle);
        }
    }
}
