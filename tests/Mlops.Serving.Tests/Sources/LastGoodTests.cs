using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving.Tests;

public sealed class LastGoodTests : IDisposable
{
    private const string Name = ServingFixture.Name;
    private static readonly StorageException s_unreachable = new("memory", "resolve", "out of reach");
    private readonly ServingFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AddAsync_RegistryUnreachableAtStart_ServesWhatWasServedLastAndThenSwaps()
    {
        await ServeOnceAsync();
        _fixture.Resolver.Fail(s_unreachable);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        var model = await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token);
        Assert.Equal(1, model.Version.Version);
        Assert.Equal(1f, (await ServingFixture.PredictAsync(host.Get(Name))).Output.Factor);
        var status = host.GetStatus()[0];
        Assert.True(status.IsLastGood);
        Assert.Contains("out of reach", status.LastError!.Message, StringComparison.Ordinal);
        Assert.Contains("last good copy", status.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _fixture.Loggers.Count("ServesLastGood"));

        await _fixture.PointToAsync(2);
        _fixture.Resolver.Fail(null);
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2 && !host.GetStatus()[0].IsLastGood);
        Assert.Null(host.GetStatus()[0].LastError);
    }

    [Fact]
    public async Task AddAsync_VersionPassedItsProbation_IsWhatWasServedLast()
    {
        await _fixture.PointToAsync(1);
        await using (var host = _fixture.CreateHost())
        {
            var options = new HostedModelOptions().UseProbation();
            await host.AddAsync(Name, ServingFixture.Champion, options, ServingFixture.Token);
            await _fixture.PointToAsync(2);
            await host.ReloadAsync(Name, ServingFixture.Token);
            for (var i = 0; i < 500; i++) await ServingFixture.PredictAsync(host.Get(Name));
            await _fixture.UntilAsync(() => host.GetStatus(Name).State == HostedModelState.Serving);
            await _fixture.UntilAsync(() => Directory.EnumerateFiles(Path.Combine(_fixture.Cache, "last-good"), "*", SearchOption.AllDirectories)
                .Any(file => File.ReadAllText(file).Contains("models/2", StringComparison.Ordinal)));
        }

        _fixture.Resolver.Fail(s_unreachable);
        await using var next = _fixture.CreateHost();
        Assert.Equal(2, (await next.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token)).Version.Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AddAsync_RegistryBackWithTheSameVersion_IsNoCopyAnyMore(bool isFixed)
    {
        var uri = isFixed ? ModelUri.OfVersion(Name, 1) : ServingFixture.Champion;
        await ServeOnceAsync(uri);
        _fixture.Resolver.Fail(s_unreachable);
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        await host.AddAsync(Name, uri, ServingFixture.Token);
        Assert.True(host.GetStatus()[0].IsLastGood);
        _fixture.Resolver.Fail(null);
        await _fixture.UntilAsync(() => !host.GetStatus()[0].IsLastGood);
        Assert.Null(host.GetStatus()[0].LastError);
        Assert.Single(_fixture.Flavor.Predictors, predictor => predictor.Disposals == 0);
    }

    [Fact]
    public async Task AddAsync_StoreUnreachableAtStartAndAliasMoved_ServesWhatWasServedLastAndThenSwaps()
    {
        await ServeOnceAsync();
        await _fixture.PointToAsync(2);
        _fixture.Artifacts.Failure = new IOException("out of reach");
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        Assert.Equal(1, (await host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token)).Version.Version);
        _fixture.Artifacts.Failure = null;
        await _fixture.UntilAsync(() => host.GetModel(Name)!.Version.Version == 2 && !host.GetStatus()[0].IsLastGood);
    }

    [Fact]
    public async Task AddAsync_RegistrySaysThereIsNoSuchVersion_ServesNoCopy()
    {
        await ServeOnceAsync();
        _fixture.Resolver.Point(null);
        await using var host = _fixture.CreateHost();
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token));
        Assert.IsType<EntityNotFoundException>(error.InnerException);
    }

    /// <summary>What passes by itself, but is not the fault of registry or store, is no reason to serve another version.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PredictAsync_FilesAreThereAndTheModelCannotBeLoadedNow_ServesNoCopy(bool isBudgetFull)
    {
        await ServeOnceAsync();
        await _fixture.PointToAsync(2, options: new ModelSaveOptions { TimeProvider = _fixture.Time, GoldenRows = await CaptureAsync(rows: 1000) });
        var other = await _fixture.SaveAsync("other", 5);

        // Room for the version that was served last beside the model in use, but not for the one that is to be served.
        var budget = 3 * new DirectoryInfo(other.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, MemoryBudgetBytes = isBudgetFull ? budget : null });
        host.Add("other", ModelSource.FromDirectory(other.Path));
        using var lease = await host.AcquireAsync("other", ServingFixture.Token);
        if (!isBudgetFull) _fixture.Flavor.BeforeLoad = (factor, _) => factor == 2 ? throw new IOException("the disk is busy") : Task.CompletedTask;
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        var call = Task.Run(async () => await host.GetTyped<X, Y>(Name).PredictAsync(new X(2), cancellationToken: ServingFixture.Token), ServingFixture.Token);
        await _fixture.UntilAsync(() => call.IsCompleted);
        var error = Assert.IsType<ModelLoadException>((await Assert.ThrowsAsync<PredictionRejectedException>(() => call)).InnerException);
        Assert.Contains(isBudgetFull ? "Try again when some are not in use" : "the disk is busy", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
        Assert.Equal((false, 0), (host.GetStatus(Name).IsLastGood, _fixture.Loggers.Count("ServesLastGood")));
    }

    [Fact]
    public async Task PredictAsync_LoadThatWasLetGoStillHangs_ServesNoCopy()
    {
        await ServeOnceAsync();
        await _fixture.PointToAsync(2);
        var gate = new TaskCompletionSource();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _fixture.Flavor.BeforeLoad = (factor, _) => factor == 2 && begun.TrySetResult() ? gate.Task : Task.CompletedTask;
        await using var host = _fixture.CreateHost(new ModelHostOptions { AutoReload = false, LoadTimeout = TimeSpan.FromDays(1) });
        host.Add(Name, ModelSource.FromRegistry(ServingFixture.Champion));
        var call = Task.Run(async () => await host.GetTyped<X, Y>(Name).PredictAsync(new X(2), cancellationToken: ServingFixture.Token), ServingFixture.Token);
        await begun.Task;
        while (!call.IsCompleted)
        {
            _fixture.Time.Advance(TimeSpan.FromDays(1));
            await Task.Yield();
        }

        var first = await Record.ExceptionAsync(() => call);
        var again = await Record.ExceptionAsync(() => host.ReloadAsync(Name, ServingFixture.Token));
        var isLastGood = host.GetStatus(Name).IsLastGood;
        gate.SetResult();
        Assert.IsType<PredictionRejectedException>(first);
        Assert.Contains("is not loaded again", Assert.IsType<ModelLoadException>(again).Message, StringComparison.Ordinal);
        Assert.False(isLastGood);
    }

    [Fact]
    public async Task AddAsync_TurnedOff_ServesNoCopy()
    {
        await ServeOnceAsync();
        _fixture.Resolver.Fail(s_unreachable);
        await using var host = _fixture.CreateHost(new ModelHostOptions { ServeLastGood = false });
        Assert.True((await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token))).IsTransient);
    }

    [Fact]
    public async Task AddAsync_OtherNameOrAddress_ServesNoCopy()
    {
        await ServeOnceAsync();
        _fixture.Resolver.Fail(s_unreachable);
        await using var host = _fixture.CreateHost();
        await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync("other", ServingFixture.Champion, ServingFixture.Token));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ModelUri.OfAlias(Name, "challenger"), ServingFixture.Token));
    }

    [Fact]
    public async Task AddAsync_NoteTruncatedAnywhere_ThrowsWhatTheRegistrySaid()
    {
        await ServeOnceAsync();
        _fixture.Resolver.Fail(s_unreachable);
        var note = Assert.Single(Directory.EnumerateFiles(Path.Combine(_fixture.Cache, "last-good")));
        var whole = await File.ReadAllBytesAsync(note, ServingFixture.Token);
        foreach (var length in new[] { 0, 1, whole.Length / 2, whole.Length - 1 })
        {
            await File.WriteAllBytesAsync(note, whole[..length], ServingFixture.Token);
            await using var host = _fixture.CreateHost();
            var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token));
            Assert.Contains("out of reach", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AddAsync_CopyDamagedAndStoreUnreachable_ThrowsWhatTheRegistrySaid()
    {
        var version = await ServeOnceAsync();
        await File.WriteAllTextAsync(Path.Combine(_fixture.Cache, version.Digest, "data", "factor.txt"), "99 x 1", ServingFixture.Token);
        _fixture.Resolver.Fail(s_unreachable);
        _fixture.Artifacts.Failure = new IOException("gone");
        await using var host = _fixture.CreateHost();
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token));
        Assert.Contains("out of reach", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_SweepOfTheCache_KeepsWhatWasServedLast()
    {
        var served = await ServeOnceAsync();
        var loaded = await _fixture.RegisterAsync(2);
        await using (await _fixture.CreateLoader().LoadAsync(loaded, ServingFixture.Token))
        {
        }

        _fixture.Time.Advance(TimeSpan.FromDays(31));
        foreach (var version in new[] { served, loaded }) Directory.SetLastWriteTimeUtc(Path.Combine(_fixture.Cache, version.Digest), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.SetLastWriteTimeUtc(Directory.EnumerateFiles(Path.Combine(_fixture.Cache, "last-good")).Single(), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await using (await _fixture.CreateLoader().LoadAsync(await _fixture.RegisterAsync(3), ServingFixture.Token))
        {
        }

        Assert.True(Directory.Exists(Path.Combine(_fixture.Cache, served.Digest)));
        Assert.False(Directory.Exists(Path.Combine(_fixture.Cache, loaded.Digest)));
    }

    private static async Task<GoldenRows> CaptureAsync(int rows)
    {
        var model = new FactorModel(2);
        using var inputs = model.Signature.RentInputs(rows);
        TensorNumbers.FromDoubles([.. Enumerable.Range(0, rows)], inputs[0]);
        return await GoldenRows.CaptureAsync(model.CreatePredictor(), inputs, ServingFixture.Token);
    }

    private async Task<ModelVersion> ServeOnceAsync(ModelUri? uri = null)
    {
        var version = await _fixture.PointToAsync(1);
        await using var host = _fixture.CreateHost();
        await host.AddAsync(Name, uri ?? ServingFixture.Champion, ServingFixture.Token);
        return version;
    }
}
