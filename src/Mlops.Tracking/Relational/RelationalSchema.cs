using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The tables, and the steps that bring a database from any earlier version to the present one. Steps are only ever added.</summary>
internal static class RelationalSchema
{
    // {text}, {int}, {real}, {bytes}, {counter} and {clustered} are the dialect's.
    private static readonly string[] s_migrations =
    [
        """
        CREATE TABLE experiments (id {counter}, name {text} NOT NULL UNIQUE, stage {int} NOT NULL, created_at {int} NOT NULL);
        CREATE TABLE experiment_tags (experiment {int} NOT NULL REFERENCES experiments(id), name {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (experiment, name)){clustered};

        CREATE TABLE runs (number {counter}, id {text} NOT NULL UNIQUE, experiment {int} NOT NULL REFERENCES experiments(id), name {text} NOT NULL,
            status {int} NOT NULL, stage {int} NOT NULL, start_time {int} NOT NULL, end_time {int});
        CREATE INDEX runs_by_experiment ON runs (experiment, start_time);
        CREATE INDEX runs_by_status ON runs (status);
        CREATE TABLE leases (run {int} NOT NULL PRIMARY KEY REFERENCES runs(number), host {text} NOT NULL, process_id {int} NOT NULL, process_start {text} NOT NULL, expires_at {int});
        CREATE TABLE params (run {int} NOT NULL REFERENCES runs(number), name {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (run, name)){clustered};
        CREATE TABLE tags (run {int} NOT NULL REFERENCES runs(number), name {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (run, name)){clustered};
        CREATE TABLE inputs (run {int} NOT NULL REFERENCES runs(number), name {text} NOT NULL, digest {text} NOT NULL, context {text} NOT NULL, position {int} NOT NULL,
            row_count {int} NOT NULL, columns {text} NOT NULL, source {text}, PRIMARY KEY (run, name, digest, context));

        CREATE TABLE metric_names (id {counter}, name {text} NOT NULL UNIQUE);
        CREATE TABLE metrics (run {int} NOT NULL, name {int} NOT NULL, step {int} NOT NULL, timestamp {int} NOT NULL, value {real} NOT NULL, is_nan {int} NOT NULL,
            PRIMARY KEY (run, name, step, timestamp, value, is_nan)){clustered};
        CREATE TABLE latest_metrics (run {int} NOT NULL, name {int} NOT NULL, step {int} NOT NULL, timestamp {int} NOT NULL, value {real} NOT NULL, is_nan {int} NOT NULL,
            PRIMARY KEY (run, name)){clustered};
        CREATE INDEX latest_metrics_by_value ON latest_metrics (name, is_nan, value, run);
        CREATE TABLE metric_batches (run {int} NOT NULL, writer {text} NOT NULL, sequence {int} NOT NULL, PRIMARY KEY (run, writer, sequence)){clustered};

        CREATE TABLE registered_models (id {counter}, name {text} NOT NULL UNIQUE, created_at {int} NOT NULL, description {text} NOT NULL, last_version {int} NOT NULL);
        CREATE TABLE model_versions (model {int} NOT NULL REFERENCES registered_models(id), version {int} NOT NULL, source {text} NOT NULL, digest {text} NOT NULL,
            created_at {int} NOT NULL, run_id {text}, dataset_digest {text}, code_version {text}, description {text} NOT NULL, PRIMARY KEY (model, version));
        CREATE TABLE model_aliases (model {int} NOT NULL REFERENCES registered_models(id), alias {text} NOT NULL, version {int} NOT NULL, PRIMARY KEY (model, alias)){clustered};
        CREATE TABLE version_tags (model {int} NOT NULL REFERENCES registered_models(id), version {int} NOT NULL, name {text} NOT NULL, value {text} NOT NULL,
            PRIMARY KEY (model, version, name)){clustered};

        CREATE TABLE state (key {text} NOT NULL PRIMARY KEY, value {bytes} NOT NULL, etag {text} NOT NULL);
        CREATE TABLE state_leases (key {text} NOT NULL PRIMARY KEY, holder {text} NOT NULL, expires_at {int} NOT NULL)
        """,
    ];

    public static int CurrentVersion => s_migrations.Length;

    public static async Task MigrateAsync(DbConnection connection, RelationalDialect dialect, CancellationToken cancellationToken)
    {
        await dialect.BeginWriteAsync(connection, cancellationToken).ConfigureAwait(false);
        await dialect.LockMigrationsAsync(connection, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(Expand("CREATE TABLE IF NOT EXISTS mlops_schema (version {int} NOT NULL)", dialect), cancellationToken).ConfigureAwait(false);
        var version = await ReadVersionAsync(connection, cancellationToken).ConfigureAwait(false);
        Check(version, dialect);
        for (; version < CurrentVersion; version++)
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
        .Replace("{clustered}", dialect.ClusteredTable, StringComparison.Ordinal);
}
