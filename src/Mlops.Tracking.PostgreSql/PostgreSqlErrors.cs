using System.Data.Common;
using Npgsql;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Says what errors of PostgreSQL mean.</summary>
/// <param name="backend">The name of the backend.</param>
/// <param name="location">Where the database is, without secrets.</param>
internal sealed class PostgreSqlErrors(string backend, string location)
{
    /// <summary>Tells whether an error says that the server, or the way to it, is gone.</summary>
    public static bool IsLostConnection(DbException error) => error is not PostgresException answer
        || answer.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow;

    public StorageException Translate(DbException error, string operation)
    {
        ArgumentNullException.ThrowIfNull(error);
        var (problem, isTransient) = error is PostgresException answer ? OfAnswer(answer) : OfConnection(error);
        return new StorageException(backend, operation, $"{location} {problem}.", error) { IsTransient = isTransient, IsContentRefused = IsContentRefused(error) };
    }

    // Errors of data, limits of the server, conditions and triggers. Not unique and foreign keys: another writer may have been in between.
    private static bool IsContentRefused(DbException error) => error is PostgresException { IsTransient: false, SqlState: { } state }
        && (state.StartsWith("22", StringComparison.Ordinal) || state.StartsWith("54", StringComparison.Ordinal)
            || state is PostgresErrorCodes.NotNullViolation or PostgresErrorCodes.CheckViolation or PostgresErrorCodes.RaiseException);

    private static (string Problem, bool IsTransient) OfAnswer(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
            => ("is shutting down or starting. Try again when it is up", true),
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InsufficientResources
            => ("has no connection left. Try again, lower 'Maximum Pool Size' of the hosts, or raise max_connections of the server", true),
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
            => ("was being changed by another writer at the same time, and nothing was written. Try again", true),
        PostgresErrorCodes.QueryCanceled => ("cancelled the statement, perhaps because it took longer than statement_timeout. Try again, or raise it", true),
        PostgresErrorCodes.ReadOnlySqlTransaction => ("may only be read: it is a standby, or a failover is going on. Connect to the primary with 'Target Session Attributes=primary', or try again", true),
        PostgresErrorCodes.DiskFull or PostgresErrorCodes.OutOfMemory => ("has no room left on its disk or in its memory. Make room and try again", true),
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification
            => ("refused the login. Check user and password in the connection string, and pg_hba.conf of the server", false),
        PostgresErrorCodes.InvalidCatalogName => ("does not exist. Create it first: CREATE DATABASE", false),
        PostgresErrorCodes.DuplicateTable
            => ($"is used by another program: it has what is needed here, by that name, from somewhere else ({error.MessageText}). Nothing was changed; use a database that tracking has to itself, or a schema, by 'Search Path' in the connection string", false),
        PostgresErrorCodes.InsufficientPrivilege => ("may not be changed by this user. Grant it CREATE on the schema and its tables", false),
        { } state when state.StartsWith("08", StringComparison.Ordinal) => ("lost the connection. Try again", true),
        _ => ($"answered {error.SqlState}: {error.MessageText}", error.IsTransient),
    };

    // Without an answer of the server it is the way to it, or what Npgsql itself would not do. It has no codes for that, only texts, which the tests hold.
    private static (string Problem, bool IsTransient) OfConnection(DbException error)
    {
        if (Says(error, "No password has been provided"))
            return ("asks for a password, and none was given. Add Password=… to the connection string, or provide one by PGPASSWORD or a password file", false);
        if (Says(error, "No SSL enabled connection"))
            return ("offers no TLS, which 'SSL Mode' in the connection string requires. Switch ssl on at the server, or lower 'SSL Mode'", false);
        return error.InnerException is TimeoutException
            ? ("did not answer in time. Try again; check the network and the load of the server", true)
            : ("cannot be reached. Check that the server runs, and the host and port in the connection string", true);
    }

    // Of several hosts each has an error of its own within.
    private static bool Says(Exception? error, string text) => error is not null
        && ((error is NpgsqlException && error.Message.Contains(text, StringComparison.Ordinal))
            || (error is AggregateException all ? all.InnerExceptions.All(inner => Says(inner, text)) : Says(error.InnerException, text)));
}
