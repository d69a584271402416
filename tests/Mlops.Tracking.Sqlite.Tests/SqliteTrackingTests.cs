using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
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
        await first.Tracker.RunAsync("e", run => LogAsync(run, 1), null, Token);
        await first.DisposeAsync();
        var second = await _file.OpenTrackingAsync();
        await second.Tracker.RunAsync("e", run => LogAsync(run, 2), null, Token);
        Assert.Equal([2.0, 1.0], await second.Tracker.SearchRunsAsync(new RunQuery("e"), Token).Select(run => run.Metrics["m"].Value).ToListAsync(Token));
    }

    [Fact]
    public async Task OpenAsync_TwoAtOnce_SeeEachOther()
    {
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _file.OpenTrackingAsync())));
        await Task.WhenAll(opened.Select((tracking, i) => tracking.Tracker.RunAsync("e", run => LogAsync(run, i), null, Token)));
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
    public async Task StartRunAsync_LockedByAnotherWriter_ThrowsTransientNamingTheFile()
    {
        var tracking = await _file.OpenTrackingAsync(lockTimeout: TimeSpan.FromMilliseconds(50));
        await using var other = await ConnectAsync();
        await ExecuteAsync(other, "BEGIN IMMEDIATE");
        var error = await Assert.ThrowsAsync<StorageException>(() => tracking.Tracker.StartRunAsync("e", null, Token));
        Assert.True(error.IsTransient);
        Assert.Equal("sqlite", error.Backend);
        Assert.Contains(_file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("LockTimeout", error.Message, StringComparison.Ordinal);
        await ExecuteAsync(other, "ROLLBACK");
        await using var run = await tracking.Tracker.StartRunAsync("e", null, Token);
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task FlushAsync_LockedForAWhile_WritesEachBatchOnceWhenItIsFree()
    {
        var tracking = await _file.OpenTrackingAsync(lockTimeout: TimeSpan.FromMilliseconds(20));
        await using var run = await tracking.Tracker.StartRunAsync("e", null, Token);
        await using var other = await ConnectAsync();
        await ExecuteAsync(other, "BEGIN IMMEDIATE");
        for (var i = 0; i < 100; i++) run.LogMetric("m", i, i);
        var flush = run.FlushAsync(Token);
        // A reader is not held up by the writer.
        Assert.Empty((await tracking.Tracker.GetRunAsync(run.Id, Token)).Metrics);
        Assert.False(flush.IsCompleted);
        await ExecuteAsync(other, "ROLLBACK");
        await flush;
        Assert.Equal(100, await tracking.Tracker.GetMetricHistoryAsync(run.Id, "m", Token).CountAsync(Token));
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task StartRunAsync_CancelledWhileLocked_IsCancelled()
    {
        var tracking = await _file.OpenTrackingAsync();
        await using var other = await ConnectAsync();
        await ExecuteAsync(other, "BEGIN IMMEDIATE");
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var starting = tracking.Tracker.StartRunAsync("e", null, cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        await ExecuteAsync(other, "ROLLBACK");
    }

    [Fact]
    public async Task OpenAsync_WrittenByANewerVersion_IsRefusedUnchanged()
    {
        await (await _file.OpenTrackingAsync()).DisposeAsync();
        await using (var connection = await ConnectAsync()) await ExecuteAsync(connection, "UPDATE mlops_schema SET version = 4711");
        var error = await Assert.ThrowsAsync<StorageException>(() => _file.OpenTrackingAsync());
        Assert.False(error.IsTransient);
        Assert.Contains(_file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        Assert.Contains("4711", error.Message, StringComparison.Ordinal);
        await using var after = await ConnectAsync();
        Assert.Equal(4711L, await ScalarAsync(after, "SELECT version FROM mlops_schema"));
    }

    [Fact]
    public async Task OpenAsync_NotADatabase_ThrowsNamingTheFile()
    {
        await File.WriteAllTextAsync(_file.Path, string.Concat(Enumerable.Repeat("This is not a database. ", 100)), Token);
        var error = await Assert.ThrowsAsync<StorageException>(() => _file.OpenTrackingAsync());
        Assert.False(error.IsTransient);
        Assert.Contains(_file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("not a SQLite database", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SearchRunsAsync_DamagedFile_ThrowsNamingTheFile()
    {
        var tracking = await _file.OpenTrackingAsync();
        for (var i = 0; i < 200; i++) await tracking.Tracker.RunAsync("e", run => LogAsync(run, 1), null, Token);
        await tracking.DisposeAsync();
        await using (var file = new FileStream(_file.Path, FileMode.Open, FileAccess.ReadWrite))
        {
            // Everything after the first page, which holds the schema.
            file.Position = 4096;
            var rubbish = new byte[file.Length - 4096];
            Array.Fill(rubbish, (byte)0xA5);
            await file.WriteAsync(rubbish, Token);
        }

        var error = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            var damaged = await _file.OpenTrackingAsync();
            await damaged.Tracker.SearchRunsAsync(new RunQuery("e"), Token).ToListAsync(Token);
        });
        Assert.Contains(_file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_PathIsAFolder_ThrowsNamingIt()
    {
        Directory.CreateDirectory(_file.Path);
        Assert.Contains(_file.Path, (await Assert.ThrowsAsync<StorageException>(() => _file.OpenTrackingAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_File_UsesAWriteAheadLog()
    {
        await _file.OpenTrackingAsync();
        await using var connection = await ConnectAsync();
        Assert.Equal("wal", await ScalarAsync(connection, "PRAGMA journal_mode"));
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
            var left = await tracker.RunAsync("e", run => LogAsync(run, 1), null, Token);
            await provider.GetRequiredService<IModelRegistry>().RegisterVersionAsync("m", new NewModelVersion("s", new string('a', 64)) { Lineage = new Lineage(left.Id) }, Token);
            Assert.Equal(left.Id, (await provider.GetRequiredService<IModelResolver>().ResolveAsync(ModelUri.Parse("models:/m/latest"), Token)).Lineage.RunId);
            Assert.True(await provider.GetRequiredService<IStateStore>().CompareAndSetAsync("k", new byte[] { 1 }, null, Token));
            await provider.GetRequiredService<IArtifactStore>().WriteAsync("a", new MemoryStream(), default, Token);
            Assert.True(File.Exists(Path.Combine(_file.Folder, "files", "a")));
        }

        Assert.False(File.Exists(_file.Path + "-wal"));
    }

    private static Task LogAsync(Run run, double value)
    {
        run.LogMetric("m", value);
        return Task.CompletedTask;
    }

    private async Task<SqliteConnection> ConnectAsync()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file.Path, Pooling = false }.ToString());
        await connection.OpenAsync(Token);
        return connection;
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }

    private static async Task<object?> ScalarAsync(SqliteConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(Token);
    }
}
