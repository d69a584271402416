using System.Data.Common;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Says what errors of PostgreSQL mean.</summary>
/// <param name="backend">The name of the backend.</param>
/// <param name="location">Where the database is, without secrets.</param>
/// <param name="settings">How it is connected to; only names of files get into messages.</param>
internal sealed class PostgreSqlErrors(string backend, string location, NpgsqlConnectionStringBuilder settings)
{
    /// <summary>Tells whether an error says that the server, or the way to it, is gone.</summary>
    public static bool IsLostConnection(DbException error) => error is not PostgresException answer
        || answer.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow;

    /// <summary>Tells whether opening failed for what the connection string says, and not for the server or the way to it.</summary>
    public static bool IsOfSettings(Exception error) => error is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException or FormatException;

    /// <summary>Says what of the connection string cannot be used.</summary>
    public StorageException OfSettings(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var (certificate, key) = (Find(settings.SslCertificate, "PGSSLCERT"), Find(settings.SslKey, "PGSSLKEY"));
        var problem = error is ArgumentException or NotSupportedException or FormatException || certificate is null
            ? $"cannot be opened by this connection string: {error.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Correct it"
            : "cannot be opened, because the certificate of this client cannot be read. Check the files of 'SSL Certificate' "
                + $"('{certificate}'{(File.Exists(certificate) ? "" : ", which is not there")}) and of 'SSL Key' ({(key is null ? "none" : $"'{key}'{(File.Exists(key) ? "" : ", which is not there")}")}), and 'SSL Password', in the connection string";
        return new StorageException(backend, "open", $"{location} {problem}.", error);
    }

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
        PostgresErrorCodes.ReadOnlySqlTransaction => ("may only be read: it is a standby, or a failover is going on. Name all hosts in the connection string, with 'Target Session Attributes=primary', to be connected to the primary, or try again", true),
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
    private (string Problem, bool IsTransient) OfConnection(DbException error)
    {
        if (Says(error, "No password has been provided"))
            return ("asks for a password, and none was given. Add Password=… to the connection string, or provide one by PGPASSWORD or a password file", false);
        if (Says(error, "No SSL enabled connection"))
            return ("offers no TLS, which 'SSL Mode' in the connection string requires. Switch ssl on at the server, or lower 'SSL Mode'", false);
        if (Says(error, "authentication method is not allowed"))
            return ("asks for a login of a kind that 'Require Auth' in the connection string does not allow. Change it, or the method in pg_hba.conf of the server", false);
        if (Says(error, "because ChannelBinding is set to"))
            return ("does not bind logins to TLS as 'Channel Binding' in the connection string wants it. Change it, or let the server offer TLS and scram-sha-256", false);
        if (Says(error, "No suitable host was found"))
            return ("has no host of the kind that 'Target Session Attributes' in the connection string asks for. Try again, a failover may be going on; check the hosts, and what is asked for", true);
        if (Issuer is { } issuer && !File.Exists(issuer) && Says(error, "performing SSL handshake"))
            return ($"has a certificate that cannot be verified, because the file of 'Root Certificate' in the connection string, '{issuer}', is not there. Name the file of the certificate's issuer", false);
        if (Holds(error, static cause => cause is AuthenticationException && cause.Message.Contains("remote certificate", StringComparison.OrdinalIgnoreCase)))
            return ("has a certificate that cannot be verified: its issuer is not known here, or its name or dates do not fit. Name the file of its issuer by 'Root Certificate' in the connection string, connect by the name that it was issued for ('SSL Mode=VerifyCA' accepts any), or renew it", false);
        if (Holds(error, static cause => cause is AuthenticationException))
            return ("and this client do not agree on TLS. Check which versions and ciphers both allow, and whether the server wants a certificate of the client, by 'SSL Certificate' in the connection string", false);
        return error.InnerException is TimeoutException
            ? ("did not answer in time. Try again; check the network and the load of the server", true)
            : ("cannot be reached. Check that the server runs, and the host and port in the connection string", true);
    }

    private string? Issuer => Find(settings.RootCertificate, "PGSSLROOTCERT");

    private static string? Find(string? setting, string variable) => string.IsNullOrEmpty(setting) ? Environment.GetEnvironmentVariable(variable) : setting;

    private static bool Says(DbException error, string text) => Holds(error, cause => cause is NpgsqlException && cause.Message.Contains(text, StringComparison.Ordinal));

    // Of several hosts each has an error of its own within.
    private static bool Holds(Exception? error, Func<Exception, bool> isIt) => error is not null
        && (isIt(error) || (error is AggregateException all ? all.InnerExceptions.All(inner => Holds(inner, isIt)) : Holds(error.InnerException, isIt)));
}
