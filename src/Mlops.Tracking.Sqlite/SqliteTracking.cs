using Microsoft.Extensions.Logging;
using Mlops.Artifacts;

namespace Mlops.Tracking.Sqlite;

/// <summary>Tracking, registry, state and artifacts over one SQLite file and a folder, ready to use without a container.</summary>
/// <remarks>Safe for concurrent use; several processes may use the file at once. Disposing ends the runs that are still going on as failed and closes the file.</remarks>
/// <example><code>
/// await using var tracking = await SqliteTracking.OpenAsync("mlops.db");
/// await using var run = await tracking.Tracker.StartRunAsync("ridership");
/// </code></example>
public sealed class SqliteTracking : StandaloneTracking
{
    private SqliteTracking(TrackingBackend backend, TrackerOptions? tracker, TimeProvider? timeProvider, ILogger<Tracker>? logger)
        : base(backend, tracker, timeProvider, logger)
    {
    }

    /// <summary>Opens a file, which is created with its folders when it does not exist and brought to the present schema when it is older.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How to use it; the defaults when <see langword="null"/>.</param>
    /// <param name="tracker">How the tracker buffers; the defaults when <see langword="null"/>.</param>
    /// <param name="registry">How the registry notices changes; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where background failures are told as well; nowhere when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>Tracking over the file; dispose it.</returns>
    /// <exception cref="ArgumentException">What is given is no path, or an option is out of its range.</exception>
    /// <exception cref="StorageException">The file cannot be opened, is locked, damaged, not a database, or was written by a newer version.</exception>
    public static async Task<SqliteTracking> OpenAsync(
        string path,
        SqliteTrackingOptions? options = null,
        TrackerOptions? tracker = null,
        RegistryOptions? registry = null,
        TimeProvider? timeProvider = null,
        ILogger<Tracker>? logger = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new SqliteTrackingOptions();
        var database = new RelationalDatabase(new SqliteDialect(path, options.LockTimeout), timeProvider);
        try
        {
            await database.OpenAsync(cancellationToken).ConfigureAwait(false);
            var artifacts = new LocalArtifactStore(options.ResolveArtifactRoot(path), timeProvider);
            return new SqliteTracking(TrackingBackend.Relational(database, artifacts, registry, timeProvider), tracker, timeProvider, logger);
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
