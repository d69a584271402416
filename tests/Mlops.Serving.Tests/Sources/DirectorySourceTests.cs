using System.Diagnostics;
using Mlops.Models;
using Mlops.Tests;

namespace Mlops.Serving.Tests;

public sealed class DirectorySourceTests : IDisposable
{
    private const string Name = "rides";
    private readonly ServingFixture _fixture = new();
    private readonly DirectorySourceOptions _polled = new() { UseFileEvents = false };
    private int _changes;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task AddAsync_Directory_SaysWhatItIsAndWhereItIsFrom()
    {
        var directory = await _fixture.SaveAsync("model", 3);
        await using var host = new ModelHost(_fixture.CreateLoader(), timeProvider: _fixture.Time);
        var model = await host.AddAsync(Name, ModelSource.FromDirectory(_fixture.PathOf("model") + Path.DirectorySeparatorChar), cancellationToken: ServingFixture.Token);
        Assert.Equal((Name, 1, directory.Digest, directory.Path), (model.Version.Name, model.Version.Version, model.Digest, model.Version.Source));
        Assert.Equal((3f, "1"), await FactorAsync(host));
        Assert.Equal($"rides ({directory.Path}): version 1", host.GetStatus()[0].ToString());
        Assert.Null(host.GetStatus()[0].Source.Uri);
    }

    /// <summary>What the cache has must not hide that a deployment is broken: on another machine it would fail.</summary>
    [Theory]
    [InlineData(true, "'data/factor.txt' is missing")]
    [InlineData(false, "'data/factor.txt' has 0 bytes, the manifest says 5")]
    public async Task AddAsync_DirectoryThatTheCacheHasLacksAFile_IsRefusedAllTheSame(bool isMissing, string problem)
    {
        await _fixture.SaveAsync("model", 3);
        await using var host = new ModelHost(_fixture.CreateLoader(), timeProvider: _fixture.Time);
        await host.AddAsync(Name, ModelSource.FromDirectory(_fixture.PathOf("model")), cancellationToken: ServingFixture.Token);
        var file = Path.Combine(_fixture.PathOf("model"), "data", "factor.txt");
        if (isMissing) File.Delete(file);
        else await File.WriteAllTextAsync(file, "", ServingFixture.Token);
        foreach (var load in new Func<Task>[] { () => host.AddAsync("again", ModelSource.FromDirectory(_fixture.PathOf("model")), cancellationToken: ServingFixture.Token), () => host.ReloadAsync(Name, ServingFixture.Token) })
        {
            var error = await Assert.ThrowsAsync<ModelLoadException>(load);
            Assert.Contains($"is not complete yet, or it is damaged: {problem}", error.Message, StringComparison.Ordinal);
            Assert.True(error.IsTransient);
        }

        // What serves goes on, and so does the rest when the file is there again.
        Assert.Equal((3f, "1"), await FactorAsync(host));
        await File.WriteAllTextAsync(file, "3 x 1", ServingFixture.Token);
        await host.ReloadAsync(Name, ServingFixture.Token);
        Assert.Null(host.GetStatus(Name).LastError);
    }

    [Fact]
    public async Task Follow_DirectoryRenamedOver_Swaps()
    {
        await _fixture.SaveAsync("model", 1);
        await using var host = await ServeAsync();
        await _fixture.SaveAsync("next", 2);
        Directory.Move(_fixture.PathOf("model"), _fixture.PathOf("before"));
        Directory.Move(_fixture.PathOf("next"), _fixture.PathOf("model"));
        await UntilFactorAsync(host, 2);
        Assert.Equal(2, host.GetModel(Name)!.Version.Version);
        await _fixture.UntilAsync(() => host.GetStatus()[0].Draining.Count == 0);
        Assert.Null(host.GetStatus()[0].LastError);
    }

    [Fact]
    public async Task Follow_LinkSwitchedTenTimesAtOnce_EndsAtTheLastAndDisposesTheOthers()
    {
        for (var i = 1; i <= 11; i++) await _fixture.SaveAsync($"model-{i}", i);
        _fixture.SwitchLink("model", "model-1");
        await using var host = await ServeAsync();
        for (var i = 2; i <= 11; i++) _fixture.SwitchLink("model", $"model-{i}");
        await UntilFactorAsync(host, 11);
        await _fixture.UntilAsync(() => host.GetStatus()[0].Draining.Count == 0);
        Assert.All(_fixture.Flavor.Predictors, predictor => Assert.Equal(predictor.Factor == 11 ? 0 : 1, predictor.Disposals));
    }

    [Fact]
    public async Task Follow_FilesArriveOneAfterTheOther_ServesTheOldOneUntilAllAreThereAndLogsOnce()
    {
        await _fixture.SaveAsync("model", 1);
        await _fixture.SaveAsync("next", 2);
        await using var host = await ServeAsync();
        foreach (var file in new[] { "manifest.json", "MLmodel" })
        {
            var tries = _fixture.Loggers.Count("LoadFailed") + _fixture.Loggers.Count("StillFails");
            Copy(file);
            await _fixture.UntilAsync(() => _fixture.Loggers.Count("LoadFailed") + _fixture.Loggers.Count("StillFails") >= tries + 2);
            Assert.Equal((1f, "1"), await FactorAsync(host));
        }

        Assert.Contains("is not what was saved: 'data/factor.txt' has the digest ", host.GetStatus()[0].LastError!.Message, StringComparison.Ordinal);
        Assert.True(host.GetStatus()[0].LastError!.IsTransient);
        Assert.DoesNotContain(_fixture.Cache, host.GetStatus()[0].LastError!.Message, StringComparison.Ordinal);
        Copy("data/factor.txt");
        await UntilFactorAsync(host, 2);
        Assert.Equal(1, _fixture.Loggers.Count("LoadFailed"));
        Assert.Null(host.GetStatus()[0].LastError);

        // As other programs write: without a lock that the reading host would stand in the way of, as it would of File.Copy's.
        void Copy(string file)
        {
            using var copy = new FileStream(Path.Combine(_fixture.PathOf("model"), file), FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
            copy.Write(File.ReadAllBytes(Path.Combine(_fixture.PathOf("next"), file)));
        }
    }

    [Fact]
    public async Task Follow_DirectoryNeverRests_IsLookedAtAllTheSame()
    {
        await _fixture.SaveAsync("model-1", 1);
        await _fixture.SaveAsync("model-2", 2);
        _fixture.SwitchLink("model", "model-1");
        var clock = new RestClock(_fixture.Time, Change);
        await using var host = CreateHost(clock, Timeout.InfiniteTimeSpan, isFollowed: true);
        await AddAsync(host);
        await UntilItWaitsAsync(clock);
        _fixture.SwitchLink("model", "model-2");
        await UntilFactorAsync(host, 2);
    }

    [Fact]
    public async Task Follow_NoManifestAndNeverRests_IsToldOf()
    {
        await SaveWithoutManifestAsync();
        var isChanged = false;
        var clock = new RestClock(_fixture.Time, () => { if (Volatile.Read(ref isChanged)) Change(); });
        await using var host = CreateHost(clock, Timeout.InfiniteTimeSpan, isFollowed: true);
        var adding = AddAsync(host);
        await _fixture.UntilAsync(() => adding.IsCompleted);
        await adding;
        for (var round = 0; round < 3; round++)
        {
            Volatile.Write(ref isChanged, true);
            await UntilItWaitsAsync(clock);
            SourceFault? fault = null;
            await _fixture.UntilAsync(() => (fault = host.GetStatus(Name).SourceFault) is not null);
            Assert.Contains("is being changed, and without 'manifest.json' nothing says when it is complete", fault!.Error.Message, StringComparison.Ordinal);
            Assert.Equal((1f, "1"), await FactorAsync(host));
            Volatile.Write(ref isChanged, false);
            await _fixture.UntilAsync(() => host.GetStatus(Name).SourceFault is null);
        }
    }

    [Fact]
    public async Task Follow_FilesTouchedOnly_LoadsNothing()
    {
        await _fixture.SaveAsync("model", 1);
        await using var host = await ServeAsync();
        foreach (var file in Directory.EnumerateFiles(_fixture.PathOf("model"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        for (var i = 0; i < 100; i++)
        {
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(1, (await host.ReloadAsync(Name, ServingFixture.Token)).Version.Version);
        Assert.Single(_fixture.Flavor.Predictors);
    }

    [Fact]
    public async Task Follow_DirectoryDisappears_GoesOnAndTakesWhatComesNext()
    {
        await _fixture.SaveAsync("model", 1);
        await using var host = await ServeAsync();
        Directory.Move(_fixture.PathOf("model"), _fixture.PathOf("gone"));
        await _fixture.UntilAsync(() => host.GetStatus()[0].LastError is not null);
        Assert.Contains($"There is no directory {_fixture.PathOf("model")}", host.GetStatus()[0].LastError!.Message, StringComparison.Ordinal);
        Assert.Equal((1f, "1"), await FactorAsync(host));
        await _fixture.SaveAsync("model", 2);
        await UntilFactorAsync(host, 2);
    }

    [Fact]
    public async Task Follow_ModelRefused_IsTriedOnceAndTheNextOneIsTaken()
    {
        await _fixture.SaveAsync("first", 1);
        await _fixture.SaveAsync("other", 2, inputName: "other");
        await _fixture.SaveAsync("next", 3);
        _fixture.SwitchLink("model", "first");
        await using var host = await ServeAsync();
        _fixture.SwitchLink("model", "other");
        await _fixture.UntilAsync(() => _fixture.Loggers.Count("LoadFailed") == 1);
        Assert.Contains("its callers could not call it", host.GetStatus()[0].LastError!.Message, StringComparison.Ordinal);
        _fixture.SwitchLink("model", "next");
        await UntilFactorAsync(host, 3);
        Assert.Equal(1, _fixture.Loggers.Count("LoadFailed"));
    }

    [Fact]
    public async Task Follow_RefusedModelIsTouched_IsNotTriedAgain()
    {
        await _fixture.SaveAsync("model", 1);
        await using var host = await ServeAsync();
        await _fixture.SaveAsync("other", 2, inputName: "other");
        Directory.Move(_fixture.PathOf("model"), _fixture.PathOf("before"));
        Directory.Move(_fixture.PathOf("other"), _fixture.PathOf("model"));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));

        // The host may have looked for itself before. The second look from now on begins when what came of the first one has ended.
        var failures = _fixture.Loggers.Count("LoadFailed");
        for (var look = 0; look < 3; look++)
        {
            var steps = _fixture.Loggers.Count("StepEnded");
            File.SetLastWriteTimeUtc(Path.Combine(_fixture.PathOf("model"), ModelFiles.Manifest), new DateTime(2030, 1, 1 + look, 0, 0, 0, DateTimeKind.Utc));
            await _fixture.UntilAsync(() => _fixture.Loggers.Count("StepEnded") > steps);
        }

        Assert.Equal(failures, _fixture.Loggers.Count("LoadFailed"));
        await Assert.ThrowsAsync<ModelLoadException>(() => host.ReloadAsync(Name, ServingFixture.Token));
        Assert.Equal(failures + 1, _fixture.Loggers.Count("LoadFailed"));
        Assert.Equal((1f, "1"), await FactorAsync(host));
    }

    [Fact]
    public async Task Follow_EventsOfTheFileSystem_SwapsLongBeforeTheNextLook()
    {
        await _fixture.SaveAsync("model", 1);
        await using var host = new ModelHost(_fixture.CreateLoader());
        await host.AddAsync(Name, ModelSource.FromDirectory(_fixture.PathOf("model"), new DirectorySourceOptions { PollInterval = TimeSpan.FromDays(1) }), cancellationToken: ServingFixture.Token);
        for (var factor = 2; factor <= 4; factor++)
        {
            var swapped = new TaskCompletionSource();
            using var subscription = host.OnSwapped(swap =>
            {
                if (swap.Previous is not null) swapped.TrySetResult();
            });
            await _fixture.SaveAsync("next", factor);
            Directory.Move(_fixture.PathOf("model"), _fixture.PathOf($"before-{factor}"));
            Directory.Move(_fixture.PathOf("next"), _fixture.PathOf("model"));
            await swapped.Task.WaitAsync(ServingFixture.Token);
            Assert.Equal(factor, (await FactorAsync(host)).Factor);
        }
    }

    [Fact]
    public async Task AddAsync_NoManifest_IsRefusedUnlessAllowed()
    {
        await _fixture.SaveAsync("model", 1);
        File.Delete(Path.Combine(_fixture.PathOf("model"), ModelFiles.Manifest));
        await using var host = _fixture.CreateHost(new ModelHostOptions());
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => AddAsync(host));
        Assert.Contains("manifest.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(DirectorySourceOptions.AllowMissingManifest), error.Message, StringComparison.Ordinal);
        Assert.Empty(host.GetStatus());

        _polled.AllowMissingManifest = true;
        var adding = AddAsync(host);
        await _fixture.UntilAsync(() => adding.IsCompleted);
        var first = await adding;
        Assert.Equal(64, first.Digest.Length);
        Assert.Equal(first, await host.ReloadAsync(Name, ServingFixture.Token));
        await File.WriteAllTextAsync(Path.Combine(_fixture.PathOf("model"), "data", "factor.txt"), "22 x 1", ServingFixture.Token);
        await UntilFactorAsync(host, 22);
        Assert.NotEqual(first.Digest, host.GetModel(Name)!.Digest);
        Assert.False(File.Exists(Path.Combine(_fixture.PathOf("model"), ModelFiles.Manifest)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FirstLoad_NoManifestAndBeingWritten_WaitsUntilItRests(bool isLazy)
    {
        await SaveWithoutManifestAsync();
        var rests = 0;
        await using var host = CreateHost(() =>
        {
            if (++rests < 5) WriteFactor(rests * 10);
        });
        if (isLazy) host.Add(Name, ModelSource.FromDirectory(_fixture.PathOf("model"), _polled));
        var loading = isLazy ? UseAsync() : AddAsync(host);
        await _fixture.UntilAsync(() => loading.IsCompleted);
        await loading;
        Assert.Equal((40f, "1"), await FactorAsync(host));
        Assert.Equal(5, rests);
        Assert.Single(_fixture.Flavor.Predictors);

        async Task UseAsync() => (await host.AcquireAsync(Name, ServingFixture.Token)).Dispose();
    }

    [Fact]
    public async Task AddAsync_NoManifestAndWrittenForEver_FailsAfterTheTimeoutAndNamesTheRemedy()
    {
        await SaveWithoutManifestAsync();
        var rests = 0;
        var clock = new RestClock(_fixture.Time, () => WriteFactor(++rests));
        await using var host = CreateHost(clock, TimeSpan.FromSeconds(10));
        var adding = AddAsync(host);
        for (var seen = 0; !adding.IsCompleted; await Task.Yield())
        {
            ServingFixture.Token.ThrowIfCancellationRequested();
            if (clock.Rests == seen) continue;
            seen = clock.Rests;
            _fixture.Time.Advance(TimeSpan.FromMilliseconds(250));
        }

        var error = await Assert.ThrowsAsync<ModelLoadException>(() => adding);
        Assert.True(error.IsTransient);
        Assert.Contains($"{_fixture.PathOf("model")} is being changed", error.Message, StringComparison.Ordinal);
        Assert.Contains("rename it into place", error.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Flavor.Predictors);
    }

    [Fact]
    public async Task AddAsync_NoManifestAndRestedForLong_DoesNotWait()
    {
        await SaveWithoutManifestAsync();
        var model = new DirectoryInfo(_fixture.PathOf("model"));
        var before = _fixture.Time.GetUtcNow().UtcDateTime.AddMinutes(-1);
        foreach (var entry in model.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Append(model).ToList()) entry.LastWriteTimeUtc = before;
        await using var host = CreateHost(() => Assert.Fail("It is waited for."));
        await AddAsync(host);
        Assert.Equal((1f, "1"), await FactorAsync(host));
    }

    [Fact]
    public async Task ReloadAsync_NoManifestAndBeingWritten_FailsAndThePresentModelGoesOn()
    {
        await SaveWithoutManifestAsync();
        var isWriting = false;
        await using var host = CreateHost(() =>
        {
            if (isWriting) WriteFactor(30);
        });
        var adding = AddAsync(host);
        await _fixture.UntilAsync(() => adding.IsCompleted);
        await adding;
        isWriting = true;
        WriteFactor(20);
        await FailsAsync();

        // What is changed while it is copied: the copy waits for whoever writes into the pipe.
        isWriting = false;
        var pipe = Path.Combine(_fixture.PathOf("model"), "pipe");
        using (var process = Process.Start("mkfifo", [pipe])) await process.WaitForExitAsync(ServingFixture.Token);
        await FailsAsync(async () =>
        {
            await using var writer = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), ServingFixture.Token);
            WriteFactor(40);
        });
        File.Delete(pipe);
        var reloading = host.ReloadAsync(Name, ServingFixture.Token);
        await _fixture.UntilAsync(() => reloading.IsCompleted);
        Assert.Equal(2, (await reloading).Version.Version);
        Assert.Equal((40f, "2"), await FactorAsync(host));

        async Task FailsAsync(Func<Task>? meanwhile = null)
        {
            var reloading = host.ReloadAsync(Name, ServingFixture.Token);
            var changing = meanwhile?.Invoke() ?? Task.CompletedTask;
            await _fixture.UntilAsync(() => reloading.IsCompleted);
            await changing;
            var error = await Assert.ThrowsAsync<ModelLoadException>(() => reloading);
            Assert.True(error.IsTransient);
            Assert.Contains($"{_fixture.PathOf("model")} is being changed", error.Message, StringComparison.Ordinal);
            Assert.Contains("rename it into place", error.Message, StringComparison.Ordinal);
            Assert.Equal((1f, "1"), await FactorAsync(host));
        }
    }

    [Fact]
    public async Task AddAsync_FileTruncatedAnywhere_ThrowsAndNamesTheDirectory()
    {
        var model = await _fixture.SaveAsync("model", 1);
        await using var host = _fixture.CreateHost();
        foreach (var file in Directory.EnumerateFiles(model.Path, "*", SearchOption.AllDirectories).ToList())
        {
            var whole = await File.ReadAllBytesAsync(file, ServingFixture.Token);
            foreach (var length in new[] { 0, 1, whole.Length / 2, whole.Length - 1 })
            {
                await File.WriteAllBytesAsync(file, whole[..length], ServingFixture.Token);
                var error = await Assert.ThrowsAsync<ModelLoadException>(() => AddAsync(host));
                Assert.Contains(model.Path, error.Message, StringComparison.Ordinal);
                Assert.Contains(Path.GetFileName(file), error.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(_fixture.Cache, error.Message, StringComparison.Ordinal);
                Assert.Empty(host.GetStatus());
            }

            await File.WriteAllBytesAsync(file, whole, ServingFixture.Token);
        }

        Assert.Empty(Directory.EnumerateDirectories(_fixture.Cache));
        await AddAsync(host);
    }

    [Fact]
    public async Task AddAsync_DigestLies_Throws()
    {
        var model = await _fixture.SaveAsync("model", 1);
        var manifest = Path.Combine(model.Path, ModelFiles.Manifest);
        var text = await File.ReadAllTextAsync(manifest, ServingFixture.Token);
        var at = text.IndexOf("\"sha256\": \"", StringComparison.Ordinal) + 11;
        await File.WriteAllTextAsync(manifest, text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..], ServingFixture.Token);
        await using var host = _fixture.CreateHost();
        var error = await Assert.ThrowsAsync<ModelLoadException>(() => AddAsync(host));
        Assert.Contains("the manifest says", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_PathIsAFileOrNothingOrNoModel_ThrowsAndSaysWhich()
    {
        await using var host = _fixture.CreateHost();
        Assert.Contains("There is no directory", (await Assert.ThrowsAsync<ModelLoadException>(() => AddAsync(host))).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(_fixture.PathOf("model"));
        Assert.Contains("is not a model directory", (await Assert.ThrowsAsync<ModelLoadException>(() => AddAsync(host))).Message, StringComparison.Ordinal);
        Directory.Delete(_fixture.PathOf("model"));
        await File.WriteAllTextAsync(_fixture.PathOf("model"), "", ServingFixture.Token);
        Assert.Contains("is a file", (await Assert.ThrowsAsync<ModelLoadException>(() => AddAsync(host))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddAsync_NameServedFromAnotherSource_Throws()
    {
        await _fixture.PointToAsync(1);
        await _fixture.SaveAsync("model", 1);
        await using var host = _fixture.CreateHost();
        var first = await AddAsync(host);
        Assert.Same(first, await AddAsync(host));
        var other = await Assert.ThrowsAsync<ArgumentException>(() => host.AddAsync(Name, ModelSource.FromDirectory(_fixture.PathOf("other")), cancellationToken: ServingFixture.Token));
        Assert.Contains(_fixture.PathOf("model"), other.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => host.AddAsync(Name, ServingFixture.Champion, ServingFixture.Token));
    }

    [Fact]
    public void FromDirectory_IntervalOutOfRange_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelSource.FromDirectory("model", new DirectorySourceOptions { PollInterval = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ModelSource.FromDirectory("model", new DirectorySourceOptions { PollInterval = TimeSpan.FromDays(50) }));
    }

    [Fact]
    public void FileWatchLimit_AllTaken_GivesOneOnlyForOneThatIsReturned()
    {
        var limit = new FileWatchLimit();
        for (var i = 0; i < FileWatchLimit.Most; i++) Assert.True(limit.TryTake());
        Assert.False(limit.TryTake());
        limit.Return();
        Assert.True(limit.TryTake());
        Assert.False(limit.TryTake());
    }

    [Fact]
    public void DirectoryChanges_Disposed_ReturnsItsWatches()
    {
        var limit = new FileWatchLimit();
        using (var changes = new DirectoryChanges(Path.GetTempPath().TrimEnd(Path.DirectorySeparatorChar), limit)) changes.Listen();
        Assert.Equal(0, limit.Taken);
    }

    private static async Task<(float Factor, string? Version)> FactorAsync(ModelHost host)
    {
        var (output, context) = await ServingFixture.PredictAsync(host.Get(Name));
        return (output.Factor, context.ModelVersion);
    }

    private async Task UntilFactorAsync(ModelHost host, float factor)
    {
        while ((await FactorAsync(host)).Factor != factor)
        {
            ServingFixture.Token.ThrowIfCancellationRequested();
            _fixture.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    private async Task<ModelHost> ServeAsync()
    {
        var host = _fixture.CreateHost(new ModelHostOptions());
        await AddAsync(host);
        return host;
    }

    private async Task SaveWithoutManifestAsync()
    {
        await _fixture.SaveAsync("model", 1);
        File.Delete(Path.Combine(_fixture.PathOf("model"), ModelFiles.Manifest));
        _polled.AllowMissingManifest = true;
    }

    /// <summary>Changes the directory until somebody has waited for it to rest for a while.</summary>
    private Task UntilItWaitsAsync(RestClock clock)
    {
        var rests = clock.Rests;
        return _fixture.UntilAsync(() =>
        {
            Change();
            return clock.Rests > rests + 20;
        });
    }

    /// <summary>Changes the directory, but nothing that the model is made of.</summary>
    private void Change()
        => File.SetLastWriteTimeUtc(Path.Combine(_fixture.PathOf("model"), "MLmodel"), new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(Interlocked.Increment(ref _changes)));

    private void WriteFactor(int factor)
    {
        var path = Path.Combine(_fixture.PathOf("model"), "data", "factor.txt");
        File.WriteAllText(path, $"{factor} x 1");

        // Two changes within one tick of the file system's clock are two nevertheless.
        File.SetLastWriteTimeUtc(path, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(factor));
    }

    /// <summary>Makes a host that tells when it begins to wait whether the directory rests.</summary>
    private ModelHost CreateHost(Action onRest) => CreateHost(new RestClock(_fixture.Time, onRest), Timeout.InfiniteTimeSpan);

    private ModelHost CreateHost(RestClock clock, TimeSpan loadTimeout, bool isFollowed = false) => new(
        _fixture.CreateLoader(),
        new ModelHostOptions { AutoReload = isFollowed, LoadTimeout = loadTimeout },
        timeProvider: clock,
        loggerFactory: _fixture.Loggers);

    private Task<HostedModel> AddAsync(ModelHost host) => host.AddAsync(Name, ModelSource.FromDirectory(_fixture.PathOf("model"), _polled), cancellationToken: ServingFixture.Token);

    /// <summary>The manual clock, which tells of each timer of a quarter of a second.</summary>
    private sealed class RestClock(TimeProvider clock, Action onRest) : DelegatingTimeProvider(clock)
    {
        private int _rests;

        /// <summary>Gets how many of these timers there were.</summary>
        public int Rests => Volatile.Read(ref _rests);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var isRest = dueTime == TimeSpan.FromMilliseconds(250);
            if (isRest) onRest();
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (isRest) Interlocked.Increment(ref _rests);
            return timer;
        }
    }
}
