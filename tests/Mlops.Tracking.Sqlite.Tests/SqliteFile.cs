using Mlops.Testing;

namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>A folder with a database for one test, deleted afterwards, and stores over it.</summary>
public sealed class SqliteFile : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("mlops-sqlite-").FullName;

    public string Path => System.IO.Path.Combine(Folder, "mlops größe.db");

    public RelationalDatabase OpenDatabase(TimeSpan? lockTimeout = null)
    {
        var database = new RelationalDatabase(new SqliteDialect(Path, lockTimeout));
        _opened.Add(database);
        return database;
    }

    public TrackingStores OpenStores()
    {
        var database = OpenDatabase();
        return new TrackingStores(
            new RelationalExperimentStore(database), new RelationalRunStore(database), new RelationalRunLeaseStore(database), new RelationalMetricAppender(database));
    }

    public async Task<SqliteTracking> OpenTrackingAsync(TimeSpan? lockTimeout = null, TrackerOptions? tracker = null, RegistryOptions? registry = null)
    {
        var options = new SqliteTrackingOptions();
        if (lockTimeout is { } timeout) options.LockTimeout = timeout;
        var tracking = await SqliteTracking.OpenAsync(Path, options, tracker, registry, cancellationToken: TestContext.Current.CancellationToken);
        _opened.Add(tracking);
        return tracking;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened) await opened.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
