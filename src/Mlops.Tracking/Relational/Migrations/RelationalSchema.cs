using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The tables, and the steps that bring a database from any earlier version to the present one. Steps are only ever added.</summary>
internal static class RelationalSchema
{
    // In each, {text}, {int}, {real}, {bytes}, {counter}, {generated} and {clustered} are the dialect's.
    private static readonly string[] s_migrations =
    [
        Migration1.Sql,
        Migration2.Sql,
        Migration3.Sql,
        Migration4.Sql,
        Migration5.Sql,
        Migration6.Sql,
    ];

    public static int CurrentVersion => s_migrations.Length;

    public static Task MigrateAsync(DbConnection connection, RelationalDialect dialect, CancellationToken cancellationToken)
        => MigrateAsync(connection, dialect, CurrentVersion, cancellationToken);

    /// <summary>Brings a database to a version that is not below its own; tests make databases of earlier versions with it.</summary>
    internal static async Task MigrateAsync(DbConnection connection, RelationalDialect dialect, int target, CancellationToken cancellationToken)
    {
        await dialect.BeginWriteAsync(connection, cancellationToken).ConfigureAwait(false);
        await dialect.LockMigrationsAsync(connection, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(Expand("CREATE TABLE IF NOT EXISTS mlops_schema (version {int} NOT NULL)", dialect), cancellationToken).ConfigureAwait(false);
        var version = await ReadVersionAsync(connection, cancellationToken).ConfigureAwait(false);
        Check(version, dialect);
        for (; version < target; version++)
        {
            foreach (var statement in s_migrations[version].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                await connection.ExecuteAsync(Expand(statement, dialect), cancellationToken).ConfigureAwait(false);
        }

        await connection.ExecuteAsync("DELETE FROM mlops_schema", cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync("INSERT INTO mlops_schema (version) VALUES (@version)", cancellationToken, ("version", (long)version)).ConfigureAwait(false);
        await connection.ExecuteAsync("COMMIT", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the version; 0 when the database is empty.</summary>
    public static async Task<int> ReadVersionAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var versions = await connection.QueryAsync("SELECT version FROM mlops_schema", reader => (int)reader.GetInt64(0), cancellationToken).ConfigureAwait(false);
        return versions.Count == 0 ? 0 : versions.Max();
    }

    public static void Check(int version, RelationalDialect dialect)
    {
        if (version <= CurrentVersion) return;
        throw new StorageException(dialect.Backend, "open", string.Create(
            CultureInfo.InvariantCulture,
            $"{dialect.Location} was written by a newer version of Mlops.Tracking (its schema is {version}, this one knows {CurrentVersion}); nothing was changed. Update the package, or use another database."));
    }

    private static string Expand(string statement, RelationalDialect dialect) => statement
        .Replace("{text}", dialect.TextType, StringComparison.Ordinal)
        .Replace("{int}", dialect.IntegerType, StringComparison.Ordinal)
        .Replace("{real}", dialect.RealType, StringComparison.Ordinal)
        .Replace("{bytes}", dialect.BytesType, StringComparison.Ordinal)
        .Replace("{counter}", dialect.CounterType, StringComparison.Ordinal)
        .Replace("{generated}", dialect.GeneratedColumn, StringComparison.Ordinal)
        .Replace("{clustered}", dialect.ClusteredTable, StringComparison.Ordinal);
}
