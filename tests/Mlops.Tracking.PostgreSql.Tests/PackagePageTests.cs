#pragma warning disable xUnit1051 // The example is that of the page, where nobody has a token of a test.
using Mlops.Artifacts;
using Mlops.Tests;

namespace Mlops.Tracking.PostgreSql.Tests;

/// <summary>The example of PACKAGE.md, word for word.</summary>
public sealed class PackagePageTests : IAsyncLifetime
{
    private readonly PostgreSqlServer _server = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-page-").FullName;

    public ValueTask InitializeAsync() => _server.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Example_OfThePage_Runs()
    {
        var (connectionString, folder) = (_server.ConnectionString, _folder);
        // package: Mlops.Tracking.PostgreSql
        await using var tracking = await PostgreSqlTracking.OpenAsync(connectionString, new LocalArtifactStore(folder));   // one that all hosts reach

        var run = await tracking.Tracker.RunAsync("ridership", async run =>
        {
            run.LogParam("learning_rate", 0.1);
            run.LogMetric("rmse", 2.7);
            await run.FlushAsync();
        });
        // end
        Assert.Equal((RunStatus.Finished, 2.7), (run.Status, run.Metrics["rmse"].Value));
    }
}
