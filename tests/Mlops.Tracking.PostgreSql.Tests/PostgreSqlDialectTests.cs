using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Tests;
using Npgsql;

namespace Mlops.Tracking.PostgreSql.Tests;

public sealed class PostgreSqlDialectTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly PostgreSqlSchema _schema = new(server);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Theory]
    [InlineData("postgres://ann:s3cr3t@db.example/mlops?sslmode=require")]
    [InlineData("Host=db;Pasword=s3cr3t")]
    [InlineData("Host=db;Port=s3cr3t")]
    [InlineData("Password=s3cr3t")]
    [InlineData("s3cr3t")]
    public void Constructor_MalformedConnectionString_ThrowsWithoutItsContent(string connectionString)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => new PostgreSqlDialect(connectionString));
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Host=", error.Message, StringComparison.Ordinal);
        // A host is told when the store is chosen, not at the first run.
        var services = new ServiceCollection();
        Assert.Equal(error.Message, Assert.ThrowsAny<ArgumentException>(() => services.AddMlops().AddTracking(tracking => tracking.UsePostgreSql(connectionString, "files"))).Message);
    }

    [Fact]
    public void UsePostgreSql_NoWriters_IsToldWhenTheHostStarts()
    {
        var services = new ServiceCollection();
        services.AddMlops().AddTracking(tracking => tracking.UsePostgreSql("Host=db", "files", options => options.MaxWriters = 0));
        using var provider = services.BuildServiceProvider();
        Assert.Contains("PostgreSqlTrackingOptions.MaxWriters", Assert.Throws<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Password=s3cr3t;Foo Bar=s3cr3t", "knows no 'foo bar'")]
    [InlineData("Host=db;Password=s3cr3t;Port=s3cr3t", "the value of 'port'")]
    [InlineData("Host=db;s3cr3t=1", "malformed. Write")]
    public void Constructor_WrongKey_IsNamedWithoutItsValue(string connectionString, string expected)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => new PostgreSqlDialect(connectionString));
        Assert.Contains(expected, error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=db;Target Session Attributes=primary", "'Target Session Attributes=primary'")]
    [InlineData("Host=db;SSL Negotiation=direct", "SSL Mode has to be Require")]
    public void UsePostgreSql_SettingsThatDoNotGoTogether_AreNamed(string connectionString, string expected)
    {
        var services = new ServiceCollection();
        var error = Assert.Throws<ArgumentException>(() => services.AddMlops().AddTracking(tracking => tracking.UsePostgreSql(connectionString + ";Password=s3cr3t", "files")));
        Assert.Equal("connectionString", error.ParamName);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a:5433")]
    [InlineData("a:1", "a:1")]
    [InlineData("a:1, b,::1,[::1]:2,[::1]", "a:1, b:5433, ::1:5433, [::1]:2, [::1]:5433")]
    public async Task Location_Hosts_HaveOnePortEach(string hosts, string expected)
    {
        await using var dialect = new PostgreSqlDialect($"Host={hosts};Port=5433;Database=d;Password=s3cr3t");
        Assert.Equal($"The database 'd' at {expected}", dialect.Location);
    }

    [Fact]
    public async Task OpenAsync_NoServer_ThrowsTransientWithoutPassword()
    {
        var error = await Assert.ThrowsAsync<StorageException>(
            () => PostgreSqlTracking.OpenAsync("Host=127.0.0.1;Port=1;Username=ann;Password=s3cr3t;Database=mlops", new InMemoryArtifactStore(), cancellationToken: Token));
        Assert.True(error.IsTransient);
        Assert.DoesNotContain("s3cr3t", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("postgresql", error.Backend);
        Assert.StartsWith("The database 'mlops' at 127.0.0.1:1 cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PostgresErrorCodes.NumericValueOutOfRange, true)]
    [InlineData(PostgresErrorCodes.UntranslatableCharacter, true)]
    [InlineData(PostgresErrorCodes.CheckViolation, true)]
    [InlineData(PostgresErrorCodes.ProgramLimitExceeded, true)]
    [InlineData(PostgresErrorCodes.UniqueViolation, false)]
    [InlineData(PostgresErrorCodes.DiskFull, false)]
    [InlineData(PostgresErrorCodes.DeadlockDetected, false)]
    [InlineData(PostgresErrorCodes.UndefinedTable, false)]
    [InlineData(PostgresErrorCodes.InsufficientPrivilege, false)]
    public async Task Translate_AnswerOfTheServer_TellsWhatIsRefusedFromWhatFailed(string state, bool isRefused)
    {
        await using var dialect = new PostgreSqlDialect(server.ConnectionString);
        Assert.Equal(isRefused, dialect.Translate(new PostgresException("m", "ERROR", "ERROR", state), "write").IsContentRefused);
    }

    [Fact]
    public async Task OpenAsync_NoSuchDatabase_SaysWhatToDo()
    {
        var connectionString = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = "absent" }.ConnectionString;
        var error = await Assert.ThrowsAsync<StorageException>(() => PostgreSqlTracking.OpenAsync(connectionString, new InMemoryArtifactStore(), cancellationToken: Token));
        Assert.False(error.IsTransient);
        Assert.Contains("CREATE DATABASE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AppendAsync_SomeRowsExist_KeepsEachOnce()
    {
        var stores = await _schema.OpenStoresAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        var metrics = Enumerable.Range(0, 3000).Select(i => new Metric("m", i % 7 == 0 ? double.NaN : i, i, run.StartTime)).ToArray();
        await stores.Metrics.AppendAsync([new MetricBatch(run.Id, "a", 1, metrics.AsMemory(0, 2000))], Token);
        await stores.Metrics.AppendAsync([new MetricBatch(run.Id, "b", 1, metrics.AsMemory(1000, 2000))], Token);
        // Once more in one transaction with new rows, and with a batch that is known.
        await stores.Metrics.AppendAsync([new MetricBatch(run.Id, "b", 1, metrics.AsMemory(1000, 2000)), new MetricBatch(run.Id, "b", 2, metrics.AsMemory(0, 10))], Token);
        await using var connection = await _schema.ConnectAsync();
        Assert.Equal(3000L, await PostgreSqlSchema.ScalarAsync(connection, "SELECT count(*) FROM metrics"));
        var page = await stores.Metrics.ReadAsync(new MetricQuery(run.Id, "m"), Token);
        Assert.Equal(metrics, page.Items);
        Assert.Equal(2999, (await stores.Runs.FindRunAsync(run.Id, Token))!.Metrics["m"].Value);
    }

    [Fact]
    public async Task AppendAsync_SpecialNumbers_AreKeptExactly()
    {
        var stores = await _schema.OpenStoresAsync();
        var run = await stores.CreateRunAsync(cancellationToken: Token);
        double[] values = [double.NegativeInfinity, double.MinValue, -1.5, 0, double.Epsilon, 0.1, double.MaxValue, double.PositiveInfinity, double.NaN];
        var metrics = values.Select((value, i) => new Metric("größe/𝒳", value, i == 0 ? long.MinValue : i, run.StartTime)).ToArray();
        await stores.Metrics.AppendAsync([new MetricBatch(run.Id, "w", 1, metrics)], Token);
        Assert.Equal(values, (await stores.Metrics.ReadAsync(new MetricQuery(run.Id, "größe/𝒳"), Token)).Items.Select(metric => metric.Value));
    }

    [Fact]
    public async Task UsePostgreSql_InAHost_GivesTheStores()
    {
        await (await _schema.OpenDatabaseAsync()).OpenAsync(Token);
        var services = new ServiceCollection();
        services.AddMlops().AddTracking(tracking => tracking.UsePostgreSql(_schema.ConnectionString, _ => new InMemoryArtifactStore(), options => options.MaxWriters = 4));
        await using var provider = services.BuildServiceProvider();
        var run = await provider.GetRequiredService<ITracker>().RunAsync("e", run => Task.CompletedTask, cancellationToken: Token);
        Assert.Equal(RunStatus.Finished, run.Status);
        Assert.Null(await provider.GetRequiredService<IModelRegistry>().FindModelAsync("m", Token));
    }
}
