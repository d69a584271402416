using System.Data.Common;

namespace Mlops.Data;

/// <summary>A data reader with what must be closed after it.</summary>
internal sealed class DbQuery(DbDataReader reader, params IAsyncDisposable[] owners) : IAsyncDisposable
{
    public DbDataReader Reader => reader;

    /// <summary>Opens a connection and runs a query.</summary>
    public static async ValueTask<DbQuery> OpenAsync(Func<CancellationToken, ValueTask<DbConnection>> connect, string sql, CancellationToken cancellationToken)
    {
        var connection = await connect(cancellationToken).ConfigureAwait(false);
        DbCommand? command = null;
        try
        {
            if (connection.State == System.Data.ConnectionState.Closed) await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0; // A scan of a large table takes its time; the caller cancels it.
            return new DbQuery(await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false), command, connection);
        }
        catch
        {
            if (command is not null) await command.DisposeAsync().ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await reader.DisposeAsync().ConfigureAwait(false);
        foreach (var owner in owners) await owner.DisposeAsync().ConfigureAwait(false);
    }
}
