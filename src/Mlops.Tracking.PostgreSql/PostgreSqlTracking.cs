using Microsoft.Extensions.Logging;
using Mlops.Artifacts;

namespace Mlops.Tracking.PostgreSql;

/// <summary>Tracking, registry, state and artifacts over one PostgreSQL database and an artifact store, ready to use without a container.</summary>
/// <remarks>Safe for concurrent use, by any number of processes and hosts that use the same database and artifact store.</remarks>
/// <example><code>
/// await using var tracking = await PostgreSqlTracking.OpenAsync(connectionString, new LocalArtifactStore("/mnt/mlops"));
/// await using var run = await tracking.Tracker.StartRunAsync("ridership");
/// </code></example>
public sealed class PostgreSqlTracking : StandaloneTracking
{
    private PostgreSqlTracking(TrackingBackend backend, TrackerOptions? tracker, TimeProvider? timeProvider, ILogger<Tracker>? logger)
        : base(backend, tracker, timeProvider, logger)
    {
    }

    /// <summary>Opens a database, whose tables are made when there are none and brought to the present schema when they are older.</summary>
    /// <param name="connectionString">How to connect, as Npgsql has it. It appears in no message.</param>
    /// <param name="artifacts">What keeps files, reachable from all hosts; it stays the caller's.</param>
    /// <param name="options">How to use the database; the defaults when <see langword="null"/>.</param>
    /// <param name="tracker">How the tracker buffers; the defaults when <see langword="null"/>.</param>
    /// <param name="registry">How the registry notices changes; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>. Leases are measured by the server's then, so that the clocks of hosts need not agree.</param>
    /// <param name="logger">Where background failures are told as well; nowhere when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>Tracking over the database; dispose it.</returns>
    /// <exception cref="ArgumentException">The connection string is malformed.</exception>
    /// <exception cref="StorageException">The server cannot be reached, refuses the login, or the database was written by a newer version.</exception>
    public static async Task<PostgreSqlTracking> OpenAsync(
        string connectionString,
        IArtifactStore artifacts,
        PostgreSqlTrackingOptions? options = null,
        TrackerOptions? tracker = null,
        RegistryOptions? registry = null,
        TimeProvider? timeProvider = null,
        ILogger<Tracker>? logger = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        var database = new RelationalDatabase(new PostgreSqlDialect(connectionString, options), timeProvider);
        try
        {
            await database.OpenAsync(cancellationToken).ConfigureAwait(false);
            return new PostgreSqlTracking(TrackingBackend.Relational(database, artifacts, registry, timeProvider), tracker, timeProvider, logger);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
