using Mlops.Artifacts;
using Mlops.Tracking.PostgreSql;
using Mlops.Tracking.Sqlite;

namespace Mlops.Tracking.Load;

/// <summary>Tracking over a store that is named by its kind and its address, so that tests and the programs they start open the same one.</summary>
internal sealed class LoadStore(IAsyncDisposable owner, Tracker tracker, IModelRegistry registry) : IAsyncDisposable
{
    public Tracker Tracker => tracker;

    public IModelRegistry Registry => registry;

    public static async Task<LoadStore> OpenAsync(string kind, string address, string spool)
    {
        switch (kind)
        {
            case "sqlite":
                var sqlite = await SqliteTracking.OpenAsync(address, tracker: Options(spool));
                return new LoadStore(sqlite, sqlite.Tracker, sqlite.Registry);
            case "postgresql":
                var postgres = await PostgreSqlTracking.OpenAsync(address, new InMemoryArtifactStore(), tracker: Options(spool));
                return new LoadStore(postgres, postgres.Tracker, postgres.Registry);
            default:
                throw new ArgumentException($"'{kind}' is not a kind of store.", nameof(kind));
        }
    }

    public ValueTask DisposeAsync() => owner.DisposeAsync();

    private static TrackerOptions Options(string spool)
    {
        var options = new TrackerOptions();
        options.Spool.Directory = spool;
        return options;
    }
}
