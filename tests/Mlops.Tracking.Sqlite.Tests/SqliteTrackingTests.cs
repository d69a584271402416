using System.Data;
using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.State;

namespace Mlops.Tracking.Sqlite.Tests;

public sealed class SqliteTrackingTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task OpenAsync_SecondTime_AddsToTheSameFile()
    {
        var first = await _file.OpenTrackingAsync();
        await first.Tracker.RunAsync("e", run => SqliteFile.LogAsync(run, 1), null, Token);
        await first.DisposeAsync();
        var second = await _file.OpenTrackingAsync();
        await second.Tracker.RunAsync("e", run => SqliteFile.LogAsync(run, 2), null, Token);
        Assert.Equal([2.0, 1.0], await second.Tracker.SearchRunsAsync(new RunQuery("e"), Token).Select(run => run.Metrics["m"].Value).ToListAsync(Token));
    }

    /// <summary>Triggers that somebody has added to the file change rows, too, and those are not ours.</summary>
    [Fact]
    public async Task UpdateRunAsync_TriggerWritesRows_ParamWithAnotherValueIsRefusedAllTheSame()
    {
        var tracking = await _file.OpenTrackingAsync();
        await using var run = await tracking.Tracker.StartRunAsync("e", null, Token);
        run.LogParam("a", "1");
        await run.FlushAsync(Token);
        await using var other = await _file.ConnectAsync();
        await SqliteFile.ExecuteAsync(other, "CREATE TABLE audit (name TEXT)");
        await SqliteFile.ExecuteAsync(other, "CREATE TRIGGER audited AFTER INSERT ON params BEGIN INSERT INTO audit VALUES (NEW.name); END");
        var error = await Assert.ThrowsAsync<EntityConflictException>(
            () => tracking.Tracker.Runs.UpdateRunAsync(run.Id, new RunChanges { Params = [new Param("a", "2"), new Param("b", "1")] }, Token));
        Assert.Equal(("param", "a"), (error.Kind, error.Name));
        Assert.Equal(["a"], (await tracking.Tracker.GetRunAsync(run.Id, Token)).Params.Keys);
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task ReleaseAsync_ManyConnections_KeepsSomeOpen()
    {
        await using var dialect = new SqliteDialect(_file.Path);
        var connections = new List<DbConnection>();
        for (var i = 0; i < 100; i++) connections.Add(await dialect.OpenAsync(Token));
        await Task.WhenAll(connections.Select(connection => Task.Run(() => dialect.ReleaseAsync(connection, isHealthy: true).AsTask())));
        Assert.Equal(Environment.ProcessorCount + 4, connections.Count(connection => connection.State == ConnectionState.Open));
        // Those that are kept are given out again, and taken back.
        var again = await dialect.OpenAsync(Token);
        Assert.Contains(again, connections);
        await dialect.ReleaseAsync(again, isHealthy: true);
        Assert.Equal(ConnectionState.Open, again.State);
    }

    [Theory]
    [InlineData(":memory:", "InMemoryTracking")]
    [InlineData("file::memory:?cache=shared", "InMemoryTracking")]
    [InlineData("file:mlops?mode=memory", "InMemoryTracking")]
    [InlineData("Data Source=:memory:", "InMemoryTracking")]
    [InlineData("Data Source=mlops.db;Mode=Memory;Password=s3cr3t", "InMemoryTracking")]
    [InlineData("Data Source=mlops.db", "Give what stands behind 'Data Source=', alone")]
    [InlineData("filename = mlops.db;Cache=Shared", "Give what stands behind 'filename=', alone")]
    [InlineData("Filename=mlops.db", "Give what stands behind 'Filename=', alone")]
    [InlineData("mlops.db;Mode=ReadOnly", "not a connection string with 'Mode='. Give the path alone")]
    [InlineData("mlops.db; Default Timeout = 3;Password=s3cr3t", "Give the path alone")]
    [InlineData(":MEMORY:", "InMemoryTracking")]
    [InlineData("Mode=Memory", "InMemoryTracking")]
    [InlineData("FullUri=file:x?mode=memory", "InMemoryTracking")]
    [InlineData("FullUri=file:mlops.db", "Give what stands behind 'FullUri=', alone")]
    [InlineData("Uri=file:mlops.db", "Give what stands behind 'Uri=', alone")]
    [InlineData("Cache=Shared;Data Source=mlops.db", "not a connection string with 'Cache='")]
    [InlineData("Version=3;Data Source=mlops.db;New=True", "not a connection string with 'Version='")]
    [InlineData("Password=s3cr3t", "not a connection string with 'Password='")]
    [InlineData("\"Data Source\"=mlops.db", "not a connection string with 'Data Source='")]
    [InlineData("file:mlops.db", "Give what stands behind 'file:'")]
    [InlineData("file:///tmp/mlops.db?cache=shared", "Give what stands behind 'file:'")]
    [InlineData("  ", "this one is empty")]
    [InlineData("", "this one is empty")]
    public async Task OpenAsync_NoPath_SaysWhatToGive(string path, string remedy)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(nameof(path), () => SqliteTracking.OpenAsync(path, cancellationToken: Token));
        Assert.Contains(remedy, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Environment.CurrentDirectory, "*mlops*.db*"));
        // A host is told when the store is chosen, not at the first run.
        var services = new ServiceCollection();
        Assert.Equal(error.Message, Assert.Throws<ArgumentException>(nameof(path), () => services.AddMlops().AddTracking(t => t.UseSqlite(path))).Message);
    }

    [Theory]
    [InlineData("kind=a/mode=b;c=d.db")]
    [InlineData("a;b.db")]
    [InlineData("mode=prod.db")]
    public async Task OpenAsync_PathWithSigns_IsTheFile(string name)
    {
        var path = Path.Combine(_file.Folder, name);
        await using (await SqliteTracking.OpenAsync(path, cancellationToken: Token)) Assert.True(File.Exists(path));
    }

    [Fact]
    public void UseSqlite_NegativeLockTimeout_IsToldWhenTheHostStarts()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddTracking(t => t.UseSqlite(_file.Path, options => options.LockTimeout = TimeSpan.FromSeconds(-1)));
        using var provider = services.BuildServiceProvider();
        Assert.Contains("SqliteTrackingOptions.LockTimeout", Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_TwoAtOnce_SeeEachOther()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _file.OpenTrackingAsync())));
        await Task.WhenAll(opened.Select((tracking, i) => tracking.Tracker.RunAsync("e", run => SqliteFile.LogAsync(run, i), null, Token)));
        foreach (var tracking in opened) Assert.Equal(4, await tracking.Tracker.SearchRunsAsync(new RunQuery("e"), Token).CountAsync(Token));
    }

    [Fact]
    public async Task DisposeAsync_RunsGoingOn_EndAsFailedAndTheFileIsClosed()
    {
        var tracking = await _file.OpenTrackingAsync();
        var run = await tracking.Tracker.StartRunAsync("e", null, Token);
        run.LogMetric("m", 1);
        await tracking.DisposeAsync();
        // The last connection removes the write-ahead log; its being gone shows that none is left open.
        Assert.False(File.Exists(_file.Path + "-wal"));
        var found = await (await _file.OpenTrackingAsync()).Tracker.GetRunAsync(run.Id, Token);
        Assert.Equal((RunStatus.Failed, 1.0), (found.Status, found.Metrics["m"].Value));
    }

    [Fact]
    public async Task LogMetric_HundredThousandFromFourThreads_LosesNothing()
    {
        const int Threads = 4, Count = 25_000;
        // A buffer far smaller than what is logged, so that callers wait for room.
        var tracking = await _file.OpenTrackingAsync(tracker: new TrackerOptions { BufferCapacity = 8_000, MaxBatchSize = 3_000 });
        var run = await tracking.Tracker.RunAsync(
            "e",
            run => Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
            {
                for (var i = 0; i < Count; i++) run.LogMetric($"loss {thread}", i, i);
            }))),
            null,
            Token);
        for (var thread = 0; thread < Threads; thread++)
        {
            var series = await tracking.Tracker.GetMetricHistoryAsync(run.Id, $"loss {thread}", Token).ToListAsync(Token);
            Assert.Equal(Enumerable.Range(0, Count).Select(i => ((long)i, (double)i)), series.Select(metric => (metric.Step, metric.Value)));
        }
    }

    [Fact]
    public async Task OpenAsync_File_UsesAWriteAheadLog()
    {
        await _file.OpenTrackingAsync();
        await using var connection = await _file.ConnectAsync();
        Assert.Equal("wal", await SqliteFile.ScalarAsync(connection, "PRAGMA journal_mode"));
    }

    [Fact]
    public async Task OpenAsync_WithoutArtifactRoot_KeepsArtifactsBesideTheDatabase()
    {
        var tracking = await _file.OpenTrackingAsync();
        await tracking.Artifacts.WriteAsync("a.txt", new MemoryStream("x"u8.ToArray()), default, Token);
        Assert.True(File.Exists(Path.Combine(_file.Folder, "mlops größe-artifacts", "a.txt")));
    }

    [Fact]
    public async Task UseSqlite_Container_SharesOneDatabaseThatIsOpenedOnFirstUse()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddTracking(t => t.UseSqlite(_file.Path, o => o.ArtifactRoot = Path.Combine(_file.Folder, "files")));
        await using (var provider = services.BuildServiceProvider())
        {
            var tracker = provider.GetRequiredService<ITracker>();
            Assert.False(File.Exists(_file.Path));
            var left = await tracker.RunAsync("e", run => SqliteFile.LogAsync(run, 1), null, Token);
            await provider.GetRequiredService<IModelRegistry>().RegisterVersionAsync("m", new NewModelVersion("s", new string('a', 64)) { Lineage = new Lineage(left.Id) }, Token);
            Assert.Equal(left.Id, (await provider.GetRequiredService<IModelResolver>().ResolveAsync(ModelUri.Parse("models:/m/latest"), Token)).Lineage.RunId);
            Assert.True(await provider.GetRequiredService<IStateStore>().CompareAndSetAsync("k", new byte[] { 1 }, null, Token));
            await provider.GetRequiredService<IArtifactStore>().WriteAsync("a", new MemoryStream(), default, Token);
            Assert.True(File.Exists(Path.Combine(_file.Folder, "files", "a")));
        }

        Assert.False(File.Exists(_file.Path + "-wal"));
    }
}
