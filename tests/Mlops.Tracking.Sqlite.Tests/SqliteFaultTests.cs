namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>What becomes of a database that is locked, damaged or none.</summary>
public sealed class SqliteFaultTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task StartRunAsync_LockedByAnotherWriter_ThrowsTransientNamingTheFile()
    {
        var tracking = await _file.OpenTrackingAsync(lockTimeout: TimeSpan.FromMilliseconds(50));
        await tracking.Tracker.RunAsync("e", run => SqliteFile.LogAsync(run, 1), null, Token);
        await using var other = await _file.ConnectAsync();
        await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
        var error = await Assert.ThrowsAsync<StorageException>(() => tracking.Tracker.StartRunAsync("e", null, Token));
        Assert.True(error.IsTransient);
        Assert.Equal("sqlite", error.Backend);
        Assert.Contains(_file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("LockTimeout", error.Message, StringComparison.Ordinal);

        // Nothing that was written is lost, and with the lock gone the same call succeeds.
        await SqliteFile.ExecuteAsync(other, "ROLLBACK");
        await tracking.Tracker.RunAsync("e", run => SqliteFile.LogAsync(run, 2), null, Token);
        Assert.Equal([2.0, 1.0], await tracking.Tracker.SearchRunsAsync(new RunQuery("e"), Token).Select(run => run.Metrics["m"].Value).ToListAsync(Token));
    }

    [Fact]
    public async Task FlushAsync_LockedForAWhile_WritesEachBatchOnceWhenItIsFree()
    {
        var tracking = await _file.OpenTrackingAsync(lockTimeout: TimeSpan.FromMilliseconds(20));
        await using var run = await tracking.Tracker.StartRunAsync("e", null, Token);
        await using var other = await _file.ConnectAsync();
        await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
        for (var i = 0; i < 100; i++) run.LogMetric("m", i, i);
        var flush = run.FlushAsync(Token);
        // A reader is not held up by the writer.
        Assert.Empty((await tracking.Tracker.GetRunAsync(run.Id, Token)).Metrics);
        Assert.False(flush.IsCompleted);
        await SqliteFile.ExecuteAsync(other, "ROLLBACK");
        await flush;
        Assert.Equal(100, await tracking.Tracker.GetMetricHistoryAsync(run.Id, "m", Token).CountAsync(Token));
        await run.CompleteAsync(cancellationToken: Token);
    }

    [Fact]
    public async Task StartRunAsync_CancelledWhileLocked_IsCancelled()
    {
        var tracking = await _file.OpenTrackingAsync();
        await using var other = await _file.ConnectAsync();
        await SqliteFile.ExecuteAsync(other, "BEGIN IMMEDIATE");
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var starting = tracking.Tracker.StartRunAsync("e", null, cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        await SqliteFile.ExecuteAsync(other, "ROLLBACK");
    }

    [Fact]
    public async Task OpenAsync_WrittenByANewerVersion_IsRefusedUnchanged()
    {
        await (await _file.OpenTrackingAsync()).DisposeAsync();
        await using (var connection = await _file.ConnectAsync()) await SqliteFile.ExecuteAsync(connection, "UPDATE mlops_schema SET version = 4711");
        var error = await Assert.ThrowsAsync<StorageException>(() => _file.OpenTrackingAsync());
        Assert.False(error.IsTransient);
        Assert.Contains(_file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
        Assert.Contains("4711", error.Message, StringComparison.Ordinal);
        await using var after = await _file.ConnectAsync();
        Assert.Equal(4711L, await SqliteFile.ScalarAsync(after, "SELECT version FROM mlops_schema"));
    }

    [Fact]
    public async Task OpenAsync_NotADatabase_ThrowsNamingTheFileAndLeavesItAlone()
    {
        var content = string.Concat(Enumerable.Repeat("This is not a database. ", 100));
        await File.WriteAllTextAsync(_file.Path, content, Token);
        var error = await Assert.ThrowsAsync<StorageException>(() => _file.OpenTrackingAsync());
        Assert.False(error.IsTransient);
        Assert.Contains(_file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("not a SQLite database", error.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(_file.Path, Token));
    }

    [Fact]
    public async Task OpenAsync_DatabaseOfAnotherProgram_IsRefusedUnchanged()
    {
        await using (var connection = await _file.ConnectAsync()) await SqliteFile.ExecuteAsync(connection, "CREATE TABLE runs (distance REAL)");
        var error = await Assert.ThrowsAsync<StorageException>(() => _file.OpenTrackingAsync());
        Assert.Contains("used by another program", error.Message, StringComparison.Ordinal);
        Assert.Contains("runs", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", error.Message, StringComparison.Ordinal);
        await using var after = await _file.ConnectAsync();
        Assert.Equal(1L, await SqliteFile.ScalarAsync(after, "SELECT count(*) FROM sqlite_master"));
    }

    [Fact]
    public async Task SearchRunsAsync_DamagedFile_ThrowsNamingTheFile()
    {
        var tracking = await _file.OpenTrackingAsync();
        for (var i = 0; i < 200; i++) await tracking.Tracker.RunAsync("e", run => SqliteFile.LogAsync(run, 1), null, Token);
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
}
