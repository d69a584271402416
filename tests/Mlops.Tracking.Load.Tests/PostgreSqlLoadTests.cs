using Mlops.Tests;
using Npgsql;

namespace Mlops.Tracking.Load.Tests;

/// <summary>One database of a server of the tests' own, which runs without fsync: a server that crashes is not what is tested here.</summary>
public sealed class PostgreSqlLoadTests(PostgreSqlServer server) : LoadTests, IClassFixture<PostgreSqlServer>
{
    private static int s_count;

    protected override string Kind => "postgresql";

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
