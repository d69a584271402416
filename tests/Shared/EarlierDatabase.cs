using System.Data.Common;
using Mlops.Tracking;

namespace Mlops.Tests;

/// <summary>Databases of earlier versions of the schema, with something in every table, and what must be found in them after the upgrade.</summary>
internal static class EarlierDatabase
{
    private static readonly DateTimeOffset s_start = new(2024, 2, 29, 12, 0, 0, 123, TimeSpan.Zero);
    private static readonly string s_digest = new('a', 64);

    // What every version has; numbers are those that an empty database gives out.
    private static readonly string[] s_version1 =
    [
        "INSERT INTO experiments (name, stage, created_at) VALUES ('ridership', 0, {start})",
        "INSERT INTO experiment_tags (experiment, name, value) VALUES (1, 'team', 'transit ü')",
        "INSERT INTO runs (id, experiment, name, status, stage, start_time, end_time) VALUES ('{run1}', 1, 'größe 🚕', {finished}, 0, {start}, {start} + 5)",
        "INSERT INTO runs (id, experiment, name, status, stage, start_time) VALUES ('{run2}', 1, 'second', {running}, 0, {start} + 1)",
        "INSERT INTO leases (run, host, process_id, process_start, expires_at) VALUES (2, 'a machine that is not this one', 1, '1', {start} + 30000)",
        "INSERT INTO params (run, name, value) VALUES (1, 'kind', 'ridge'), (2, 'kind', 'lasso'), (2, 'long', '{long}')",
        "INSERT INTO tags (run, name, value) VALUES (1, 'note', '日本')",
        "INSERT INTO inputs (run, name, digest, context, position, row_count, columns, source) VALUES (1, 'trips', '{digest}', 'training', 0, 7, '[]', 'trips.csv')",
        "INSERT INTO metric_names (name) VALUES ('rmse')",
        "INSERT INTO metrics (run, name, step, timestamp, value, is_nan) VALUES (1, 1, 1, {start}, 3, 0), (1, 1, 2, {start}, 0, 1), (2, 1, 1, {start}, 1.5, 0)",
        "INSERT INTO latest_metrics (run, name, step, timestamp, value, is_nan) VALUES (1, 1, 2, {start}, 0, 1), (2, 1, 1, {start}, 1.5, 0)",
        "INSERT INTO registered_models (name, created_at, description, last_version) VALUES ('m', {start}, 'a model', 3)",
        "INSERT INTO model_versions (model, version, source, digest, created_at, run_id, description) VALUES (1, 1, 's1', '{digest}', {start}, '{run1}', 'one'), (1, 2, 's2', '{digest}', {start}, NULL, 'two'), (1, 3, 's3', '{digest}', {start}, NULL, 'three')",
        "INSERT INTO model_aliases (model, alias, version) VALUES (1, 'champion', 2)",
        "INSERT INTO version_tags (model, version, name, value) VALUES (1, 2, 'k', 'v')",
        "INSERT INTO state (key, value, etag) VALUES ('key', {bytes}, 'etag')",
    ];

    // Up to version 3 all numbers of batches were kept; 3 was refused when it came.
    private static readonly string[] s_upToVersion3 = ["INSERT INTO metric_batches (run, writer, sequence) VALUES (1, 'w', 1), (2, 'w', 1), (2, 'w', 2), (2, 'w', 4), (2, 'v', 1)"];
    private static readonly string[] s_version2 = ["UPDATE runs SET user_name = 'ann'", "UPDATE experiments SET last_updated_at = {start} + 9"];

    private static readonly string[] s_version3 =
    [
        "UPDATE registered_models SET last_updated_at = {start} + 9",
        "UPDATE model_versions SET last_updated_at = {start} + 9",
        "UPDATE model_versions SET stage = {production} WHERE version = 2",
        "UPDATE model_versions SET is_deleted = 1, source = 'REDACTED', digest = 'REDACTED', description = '' WHERE version = 3",
        "INSERT INTO model_tags (model, name, value) VALUES (1, 'team', 'transit')",
    ];

    private static readonly string[] s_version4 =
    [
        "INSERT INTO metric_writers (run, writer, sequence) VALUES (1, 'w', 1), (2, 'w', 4), (2, 'v', 1)",
        "INSERT INTO inputs (run, name, digest, context, position, row_count, columns, source) VALUES (1, 'trips', '{digest}', 'test', 1, 7, '[]', NULL), (1, '日本', 'd', 'training', 2, 7, '[]', NULL)",
    ];

    private static string Run1 => new('1', 32);

    private static string Run2 => new('2', 32);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes an empty database one of an earlier version.</summary>
    public static async Task CreateAsync(DbConnection connection, RelationalDialect dialect, int version)
    {
        await RelationalSchema.MigrateAsync(connection, dialect, version, Token);
        string[] statements = [.. s_version1, .. version <= 3 ? s_upToVersion3 : [], .. version >= 2 ? s_version2 : [], .. version >= 3 ? s_version3 : [], .. version >= 4 ? s_version4 : []];
        foreach (var statement in statements) await connection.ExecuteAsync(Expand(statement, dialect), Token);
    }

    /// <summary>Opens a database that was made so, and checks that everything is there and that the stores go on with it.</summary>
    public static async Task AssertUpgradedAsync(RelationalDatabase database, int version)
    {
        await AssertRunsAsync(database, version);
        await AssertMetricsAsync(database);
        await AssertRegistryAsync(database, version);
        var state = new RelationalStateStore(database);
        Assert.Equal(new byte[] { 1, 2, 3 }, (await state.GetAsync("key", Token))!.Value.ToArray());
        Assert.True(await state.CompareAndSetAsync("key", new byte[] { 4 }, "etag", Token));
    }

    private static async Task AssertRunsAsync(RelationalDatabase database, int version)
    {
        var (experiments, runs) = (new RelationalExperimentStore(database), new RelationalRunStore(database));
        var experiment = (await experiments.FindExperimentAsync("ridership", Token))!;
        Assert.Equal(("transit ü", s_start, s_start.AddMilliseconds(version >= 2 ? 9 : 0)), (experiment.Tags["team"], experiment.CreatedAt, experiment.LastUpdatedAt));
        var first = (await runs.FindRunAsync(Run1, Token))!;
        Assert.Equal(("größe 🚕", RunStatus.Finished, s_start, s_start.AddMilliseconds(5)), (first.Name, first.Status, first.StartTime, first.EndTime));
        Assert.Equal((version >= 2 ? "ann" : "", "ridge", "日本", double.NaN), (first.User, first.Params["kind"], first.Tags["note"], first.Metrics["rmse"].Value));
        Assert.Equal(("trips", s_digest, 7L), (first.Inputs[0].Dataset.Name, first.Inputs[0].Dataset.Digest, first.Inputs[0].Dataset.RowCount));
        string[] inputs = version >= 4 ? ["trips training", "trips test", "日本 training"] : ["trips training"];
        Assert.Equal(inputs, first.Inputs.Select(input => $"{input.Dataset.Name} {input.Context}"));
        foreach (var (filter, id) in new[] { ("params.kind = 'ridge'", Run1), ($"params.long = '{new string('l', 70)}'", Run2), ("tags.note = '日本'", Run1), ("dataset.name = 'trips'", Run1), ("metrics.rmse < 2", Run2) })
            Assert.Equal(id, Assert.Single((await runs.SearchRunsAsync(new RunQuery { Filter = RunSearch.Filter(filter) }, Token)).Items).Id);
        // Nobody is known to hold it, so nobody's own writes are taken, and everybody's are.
        await runs.UpdateRunAsync(Run2, new RunChanges { Tags = [KeyValuePair.Create("by", "anybody")] }, Token);
        await Assert.ThrowsAsync<EntityConflictException>(() => runs.UpdateRunAsync(Run2, new RunChanges { Tags = [KeyValuePair.Create("by", "one")], Holder = "one" }, Token));
        // Its lease was over long ago.
        Assert.Equal([Run2], await new RelationalRunLeaseStore(database).EndAbandonedRunsAsync(Token));
    }

    private static async Task AssertMetricsAsync(RelationalDatabase database)
    {
        var metrics = new RelationalMetricAppender(database);
        foreach (var (run, writer, sequence) in new[] { (Run1, "w", 1L), (Run2, "w", 4), (Run2, "v", 1), (Run2, "w", 2), (Run2, "w", 5), (Run2, "v", 2), (Run2, "w", 5) })
            await metrics.AppendAsync([new MetricBatch(run, writer, sequence, new[] { new Metric("rmse", sequence, (10 * sequence) + writer[0], s_start) })], Token);
        await Assert.ThrowsAsync<RunFinishedException>(() => metrics.AppendAsync([new MetricBatch(Run1, "w", 2, new[] { new Metric("rmse", 1, 9, s_start) })], Token));
        Assert.Equal([1L, 2], await metrics.ReadAsync(Run1, "rmse", Token).Select(metric => metric.Step).ToListAsync(Token));
        Assert.Equal([1L, 50 + 'w', 20 + 'v'], (await metrics.ReadAsync(Run2, "rmse", Token).Select(metric => metric.Step).ToListAsync(Token)).OrderBy(step => step == 20 + 'v'));
    }

    private static async Task AssertRegistryAsync(RelationalDatabase database, int version)
    {
        var registry = new RelationalModelRegistry(database);
        var champion = await registry.ResolveAsync(ModelUri.Parse("models:/m@champion"), Token);
        Assert.Equal((2, "s2", "two", "v"), (champion.Version, champion.Source, champion.Description, champion.Tags["k"]));
        Assert.Equal(version >= 3 ? ModelStage.Production : ModelStage.None, champion.Stage);
        Assert.Equal(Run1, (await registry.ResolveAsync(ModelUri.OfVersion("m", 1), Token)).Lineage.RunId);
        Assert.Equal(version >= 3 ? 2 : 3, (await registry.ResolveAsync(ModelUri.Parse("models:/m/latest"), Token)).Version);
        var model = (await registry.FindModelAsync("m", Token))!;
        Assert.Equal(("a model", s_start, s_start.AddMilliseconds(version >= 3 ? 9 : 0)), (model.Description, model.CreatedAt, model.LastUpdatedAt));
        Assert.Equal(version >= 3 ? 1 : 0, model.Tags.Count);
        for (var i = 0; i < 2; i++) Assert.Equal(4, (await registry.RegisterVersionAsync("m", new NewModelVersion("s4", s_digest) { RequestKey = "once" }, Token)).Version);
    }

    private static string Expand(string statement, RelationalDialect dialect) => statement
        .Replace("{start}", s_start.ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{run1}", Run1, StringComparison.Ordinal)
        .Replace("{run2}", Run2, StringComparison.Ordinal)
        .Replace("{finished}", $"{(int)RunStatus.Finished}", StringComparison.Ordinal)
        .Replace("{running}", $"{(int)RunStatus.Running}", StringComparison.Ordinal)
        .Replace("{production}", $"{(int)ModelStage.Production}", StringComparison.Ordinal)
        .Replace("{long}", new string('l', 70), StringComparison.Ordinal)
        .Replace("{digest}", s_digest, StringComparison.Ordinal)
        .Replace("{bytes}", dialect.BytesType == "BLOB" ? "x'010203'" : @"'\x010203'", StringComparison.Ordinal);
}
