using Mlops.Tests;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>Databases of earlier versions are brought to the present one with everything in them.</summary>
public sealed class PostgreSqlMigrationTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task OpenAsync_EarlierVersion_KeepsEverything(int version)
    {
        await CreateAsync(version);
        await EarlierDatabase.AssertUpgradedAsync(await _schema.OpenDatabaseAsync(), version);
        await using var connection = await _schema.ConnectAsync();
        Assert.Equal((long)RelationalSchema.CurrentVersion, await PostgreSqlSchema.ScalarAsync(connection, "SELECT version FROM mlops_schema"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task OpenAsync_ManyAtOnce_MigrateOnce(int version)
    {
        if (version > 0) await CreateAsync(version);
        var databases = new List<RelationalDatabase>();
        for (var i = 0; i < 8; i++) databases.Add(await _schema.OpenDatabaseAsync());
        await Task.WhenAll(databases.Select(database => Task.Run(() => database.OpenAsync(Token))));
        await using (var connection = await _schema.ConnectAsync()) Assert.Equal(1L, await PostgreSqlSchema.ScalarAsync(connection, "SELECT count(*) FROM mlops_schema"));
        if (version > 0) await EarlierDatabase.AssertUpgradedAsync(databases[3], version);
    }

    [Fact]
    public async Task OpenAsync_SchemaOfAnotherProgram_IsRefusedUnchanged()
    {
        await using var connection = await _schema.ConnectAsync();
        await PostgreSqlSchema.ScalarAsync(connection, "CREATE TABLE runs (distance real)");
        var database = await _schema.OpenDatabaseAsync();
        var error = await Assert.ThrowsAsync<StorageException>(() => database.OpenAsync(Token));
        Assert.Contains("used by another program", error.Message, StringComparison.Ordinal);
        Assert.Contains("Search Path", error.Message, StringComparison.Ordinal);
        Assert.Equal(DBNull.Value, await PostgreSqlSchema.ScalarAsync(connection, "SELECT to_regclass('mlops_schema')::text"));
    }

    [Fact]
    public async Task OpenAsync_MigrationFails_LeavesTheDatabaseAsItWas()
    {
        await CreateAsync(1);
        await using var connection = await _schema.ConnectAsync();
        await PostgreSqlSchema.ScalarAsync(connection, "CREATE INDEX tags_by_value ON tags (value)");
        var database = await _schema.OpenDatabaseAsync();
        await Assert.ThrowsAsync<StorageException>(() => database.OpenAsync(Token));
        Assert.Equal(1L, await PostgreSqlSchema.ScalarAsync(connection, "SELECT version FROM mlops_schema"));
        await PostgreSqlSchema.ScalarAsync(connection, "DROP INDEX tags_by_value");
        // With the obstacle gone, the same stores bring it to the present version.
        await EarlierDatabase.AssertUpgradedAsync(database, 1);
    }

    [Fact]
    public async Task OpenAsync_NewerDatabase_IsRefusedUnchanged()
    {
        await (await _schema.OpenDatabaseAsync()).OpenAsync(Token);
        await using var connection = await _schema.ConnectAsync();
        await PostgreSqlSchema.ScalarAsync(connection, "UPDATE mlops_schema SET version = 4711");
        var later = await _schema.OpenDatabaseAsync();
        var error = await Assert.ThrowsAsync<StorageException>(() => later.OpenAsync(Token));
        Assert.False(error.IsTransient);
        foreach (var part in new[] { "newer version", "4711", "Update the package" }) Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal(4711L, await PostgreSqlSchema.ScalarAsync(connection, "SELECT version FROM mlops_schema"));
    }

    private async Task CreateAsync(int version)
    {
        await using var connection = await _schema.ConnectAsync();
        await using var dialect = new PostgreSqlDialect(_schema.ConnectionString);
        await EarlierDatabase.CreateAsync(connection, dialect, version);
    }
}
