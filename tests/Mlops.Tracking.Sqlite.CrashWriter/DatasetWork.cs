using System.Globalization;
using Mlops.Data;

namespace Mlops.Tracking.Sqlite.CrashWriter;

/// <summary>Registers versions, or collects garbage, until the process is killed.</summary>
internal static class DatasetWork
{
    public static async Task RegisterAsync(SqliteTracking tracking, int seed)
    {
        var catalog = new DatasetCatalog(tracking.Artifacts, tracking.State);
        var random = new Random(seed);
        while (true)
        {
            // Parts of versions that were deleted come back, so that chunks which a collection may be deleting are used again.
            var start = 1000 * random.Next(6);
            var version = await catalog.RegisterAsync("rows", Rows(start, start + 4000), new DatasetRegistration { AlwaysNew = true });
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{version.Version} {version.Fingerprint}"));
            if (version.Version > 3 && random.Next(2) == 0) await catalog.DeleteVersionAsync("rows", version.Version - 3);
        }
    }

    public static async Task CollectAsync(SqliteTracking tracking)
    {
        var catalog = new DatasetCatalog(tracking.Artifacts, tracking.State);
        for (var count = 1; ; count++)
        {
            await catalog.CollectGarbageAsync(new GarbageCollectionOptions { GracePeriod = TimeSpan.Zero });
            await Console.Out.WriteLineAsync(count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static InMemoryDataset Rows(int start, int end)
    {
        int[] ids = [.. Enumerable.Range(start, end - start)];
        return InMemoryDataset.FromColumns(
            "rows",
            (new ColumnSchema("id", ElementType.Int32, ColumnRole.Key), new Column<int>(ids)),
            (new ColumnSchema("text", ElementType.String), TextColumn.FromStrings([.. ids.Select(id => $"row {id * 7919L}")])));
    }
}
