using Npgsql;

namespace Mlops.Tracking.Load.Tests;

/// <summary>One database of a server of the tests' own, as durable as outside of tests.</summary>
public sealed class PostgreSqlLoadTests(DurablePostgreSqlServer server) : LoadTests, IClassFixture<DurablePostgreSqlServer>
{
    private static int s_count;

    protected override string Kind => "postgresql";

    protected override string Durability => "fsync on";

    protected override async Task<string> CreateAsync()
    {
        var name = $"load{Interlocked.Increment(ref s_count)}";
        await using var connection = new NpgsqlConnection(server.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = name, Pooling = true, MaxPoolSize = 20 }.ConnectionString;
    }
}
