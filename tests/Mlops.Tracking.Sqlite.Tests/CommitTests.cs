namespace Mlops.Tracking.Sqlite.Tests;

public sealed class CommitTests : IAsyncDisposable
{
    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>Once everything is written, the caller is told what became of it: a cancelled COMMIT would leave that open.</summary>
    [Fact]
    public async Task WriteAsync_CancelledBeforeTheCommit_CommitsAndReturns()
    {
        var database = _file.OpenDatabase();
        using var cancelling = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await database.WriteAsync(
            "test",
            async connection =>
            {
                await connection.ExecuteAsync("INSERT INTO experiments (name, stage, created_at) VALUES ('e', 0, 0)", cancelling.Token);
                await cancelling.CancelAsync();
            },
            cancelling.Token);
        Assert.NotNull(await new RelationalExperimentStore(database).FindExperimentAsync("e", Token));
    }
}
