using Mlops.Data;
using Mlops.Tests;

namespace Mlops.Tracking.Sqlite.Tests;

/// <summary>Files of earlier versions are brought to the present one with everything in them.</summary>
public sealed class MigrationTests : IAsyncDisposable
{
    private static readonly DateTimeOffset s_start = new(2024, 2, 29, 12, 0, 0, 123, TimeSpan.Zero);

    private readonly SqliteFile _file = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    [Fact]
    public async Task OpenAsync_Version1_KeepsExperimentsRunsAndMetrics()
    {
        CopyVersion1();
        var stores = _file.OpenStores();
        var experiments = (await stores.Experiments.SearchExperimentsAsync(new ExperimentQuery { OrderBy = ExperimentSearch.Order("experiment_id") }, Token)).Items;
        Assert.Equal(["ridership", "größe 🚕"], experiments.Select(experiment => experiment.Name));
        Assert.Equal("transit ü", experiments[0].Tags["team"]);
        Assert.All(experiments, experiment => Assert.Equal(experiment.CreatedAt, experiment.LastUpdatedAt));

        var runs = (await stores.Runs.SearchRunsAsync(new RunQuery { OrderBy = RunSearch.Order("run_id") }, Token)).Items;
        Assert.Equal([RunStatus.Finished, RunStatus.Failed, RunStatus.Running, RunStatus.Killed, RunStatus.Running], runs.Select(run => run.Status));
        for (var i = 1; i <= runs.Count; i++)
        {
            var run = runs[i - 1];
            Assert.Equal(($"run {i}", "", s_start.AddMinutes(i), $"note {i} 日本"), (run.Name, run.User, run.StartTime, run.Tags[RunTags.Note]));
            Assert.Equal((i % 2 == 0 ? "ridge" : "lasso", new string('l', 64) + i), (run.Params["kind"], run.Params["long"]));
            Assert.Equal(new Metric("rmse", 5 * i, 2, s_start.AddMilliseconds(1)), run.Metrics["rmse"]);
            Assert.Equal(i switch { 1 => double.NaN, 2 => double.PositiveInfinity, _ => -i }, run.Metrics["odd"].Value);
            Assert.Equal(ColumnRole.Label, Assert.Single(run.Inputs).Dataset.Schema[0].Role);
            Assert.Equal(2, await stores.Metrics.ReadAsync(run.Id, "rmse", Token).CountAsync(Token));
        }

        // What the migration made of the values that were there serves the searches.
        Assert.Equal(["run 4", "run 2"], await NamesAsync(stores.Runs, "params.kind = 'ridge'"));
        Assert.Equal(["run 3"], await NamesAsync(stores.Runs, $"params.long = '{new string('l', 64)}3'"));
        Assert.Equal(["run 1"], await NamesAsync(stores.Runs, $"tags.`{RunTags.Note}` = 'note 1 日本'"));
        Assert.Equal([runs[2].Id], await stores.Leases.EndAbandonedRunsAsync(Token));
    }

    [Fact]
    public async Task OpenAsync_Version1_KeepsRegistryAndState()
    {
        CopyVersion1();
        var database = _file.OpenDatabase();
        var registry = new RelationalModelRegistry(database);
        var champion = await registry.ResolveAsync(ModelUri.Parse("models:/ridership@champion"), Token);
        Assert.Equal((2, "models/1", "version 1", "1"), (champion.Version, champion.Source, champion.Description, champion.Tags["i"]));
        Assert.Equal(3, (await registry.RegisterVersionAsync("ridership", new NewModelVersion("s", new string('c', 64)), Token)).Version);
        Assert.Equal(new byte[] { 1, 2, 3 }, (await new RelationalStateStore(database).GetAsync("key", Token))!.Value.ToArray());
    }

    [Fact]
    public async Task OpenAsync_MigrationFails_LeavesTheFileAsItWas()
    {
        CopyVersion1();
        await using (var other = await _file.ConnectAsync()) await SqliteFile.ExecuteAsync(other, "CREATE INDEX tags_by_value ON tags (value)");
        await Assert.ThrowsAsync<StorageException>(() => _file.OpenTrackingAsync());
        await using (var after = await _file.ConnectAsync())
        {
            Assert.Equal(1L, await SqliteFile.ScalarAsync(after, "SELECT version FROM mlops_schema"));
            Assert.Equal(0L, await SqliteFile.ScalarAsync(after, "SELECT count(*) FROM pragma_table_info('experiments') WHERE name = 'last_updated_at'"));
            await SqliteFile.ExecuteAsync(after, "DROP INDEX tags_by_value");
        }

        // With the obstacle gone, the same file is brought to the present version.
        Assert.Equal(3, (await (await _file.OpenTrackingAsync()).Tracker.Runs.SearchRunsAsync(new RunQuery("ridership") { Filter = RunSearch.Filter("run_name != 'run 1'") }, Token)).Items.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task OpenAsync_LaterVersions_KeepEverything(int version)
    {
        Copy(version);
        await using (var before = await _file.ConnectAsync()) Assert.Equal((long)version, await SqliteFile.ScalarAsync(before, "SELECT version FROM mlops_schema"));
        await EarlierDatabase.AssertUpgradedAsync(_file.OpenDatabase(), version);
        await using var after = await _file.ConnectAsync();
        Assert.Equal((long)RelationalSchema.CurrentVersion, await SqliteFile.ScalarAsync(after, "SELECT version FROM mlops_schema"));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 1)]
    public async Task OpenAsync_SeveralProcessesAtOnce_MigrateOnce(int version, int experiments)
    {
        if (version > 0) Copy(version);
        var processes = Enumerable.Range(0, 4).Select(_ => ProgramProcess.Start("Mlops.Tracking.Sqlite.CrashWriter", "open", _file.Path)).ToList();
        try
        {
            foreach (var lines in await Task.WhenAll(processes.Select(process => process.RunToEndAsync(Token)))) Assert.Equal($"{experiments}", Assert.Single(lines));
        }
        finally
        {
            foreach (var process in processes) await process.DisposeAsync();
        }

        await using var after = await _file.ConnectAsync();
        Assert.Equal(1L, await SqliteFile.ScalarAsync(after, "SELECT count(*) FROM mlops_schema"));
    }

    private static async Task<IEnumerable<string>> NamesAsync(IRunStore runs, string filter)
        => (await runs.SearchRunsAsync(new RunQuery { Filter = RunSearch.Filter(filter) }, Token)).Items.Select(run => run.Name);

    private void CopyVersion1() => Copy(1);

    private void Copy(int version) => File.Copy(Path.Combine(AppContext.BaseDirectory, "TestData", $"version{version}.db"), _file.Path);
}
