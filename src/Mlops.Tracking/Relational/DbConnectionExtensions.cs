using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Short forms of what the relational stores do with a connection.</summary>
/// <remarks>Statements that are always the same stay prepared on connections that are kept; those whose text varies go through <see cref="QueryOnceAsync"/>.</remarks>
internal static class DbConnectionExtensions
{
    private static readonly ConditionalWeakTable<DbConnection, Dictionary<string, DbCommand>> s_prepared = [];

    /// <summary>Keeps the statements of this connection prepared until it is disposed.</summary>
    public static void KeepPrepared(this DbConnection connection) => s_prepared.TryAdd(connection, new Dictionary<string, DbCommand>(StringComparer.Ordinal));

    public static DbCommand Command(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this library; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;
            parameter.Value = value ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    public static Task<int> ExecuteAsync(this DbConnection connection, string sql, CancellationToken cancellationToken)
        => ExecuteAsync(connection, sql, cancellationToken, []);

    public static Task<int> ExecuteAsync(this DbConnection connection, string sql, CancellationToken cancellationToken, params ReadOnlySpan<(string Name, object? Value)> parameters)
        => FindPrepared(connection, sql, parameters) is { } prepared ? prepared.ExecuteNonQueryAsync(cancellationToken) : RunAsync(connection.Command(sql, parameters), cancellationToken);

    public static Task<List<T>> QueryAsync<T>(
        this DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken, params ReadOnlySpan<(string Name, object? Value)> parameters)
        => FindPrepared(connection, sql, parameters) is { } prepared
            ? ReadAsync(prepared, read, cancellationToken)
            : ReadOnceAsync(connection.Command(sql, parameters), read, cancellationToken);

    /// <summary>Reads with a statement whose text varies, so that keeping it prepared would not pay.</summary>
    public static Task<List<T>> QueryOnceAsync<T>(
        this DbConnection connection, string sql, Func<DbDataReader, T> read, CancellationToken cancellationToken, params ReadOnlySpan<(string Name, object? Value)> parameters)
        => ReadOnceAsync(connection.Command(sql, parameters), read, cancellationToken);

    public static DateTimeOffset GetTime(this DbDataReader reader, int ordinal) => DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(ordinal));

    public static string? GetText(this DbDataReader reader, int ordinal) => reader.IsDBNull(ordinal) ? null : reader.GetString(ordinal);

    private static DbCommand? FindPrepared(DbConnection connection, string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!s_prepared.TryGetValue(connection, out var commands)) return null;
        if (!commands.TryGetValue(sql, out var command)) return commands[sql] = connection.Command(sql, parameters);
        // The same statement names its parameters in the same order everywhere.
        for (var i = 0; i < parameters.Length; i++) command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        return command;
    }

    private static async Task<int> RunAsync(DbCommand command, CancellationToken cancellationToken)
    {
        await using (command.ConfigureAwait(false))
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<List<T>> ReadOnceAsync<T>(DbCommand command, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using (command.ConfigureAwait(false))
            return await ReadAsync(command, read, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<List<T>> ReadAsync<T>(DbCommand command, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) rows.Add(read(reader));
            return rows;
        }
    }
}
