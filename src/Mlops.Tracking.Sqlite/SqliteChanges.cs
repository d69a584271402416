using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Mlops.Tracking.Sqlite;

/// <summary>Reads <c>PRAGMA data_version</c> on a connection that never writes: another number after every commit of any other connection or process.</summary>
internal sealed class SqliteChanges : RelationalChanges
{
    private static readonly Task s_never = new TaskCompletionSource().Task;

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _statement;
    private bool _disposed;

    private SqliteChanges(SqliteConnection connection, sqlite3_stmt statement) => (_connection, _statement) = (connection, statement);

    /// <inheritdoc/>
    public override bool IsPushed => false;

    /// <inheritdoc/>
    public override Task Next => s_never;

    /// <summary>Opens the connection.</summary>
    public static async Task<SqliteChanges> OpenAsync(string connectionString, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            var result = raw.sqlite3_prepare_v2(connection.Handle, "PRAGMA data_version", out var statement);
            if (result != raw.SQLITE_OK) SqliteException.ThrowExceptionForRC(result, connection.Handle);
            return new SqliteChanges(connection, statement);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<long?> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var isRow = raw.sqlite3_step(_statement) == raw.SQLITE_ROW;
            long? version = isRow ? raw.sqlite3_column_int64(_statement, 0) : null;
            _ = raw.sqlite3_reset(_statement);
            return ValueTask.FromResult(version);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed) return ValueTask.CompletedTask;
            _disposed = true;
            _ = raw.sqlite3_finalize(_statement);
        }

        return _connection.DisposeAsync();
    }
}
