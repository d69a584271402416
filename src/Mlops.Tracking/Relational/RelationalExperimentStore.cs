using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>Keeps experiments in a relational database.</summary>
/// <param name="database">The database; it stays the caller's.</param>
/// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
public sealed class RelationalExperimentStore(RelationalDatabase database, TimeProvider? timeProvider = null) : IExperimentStore
{
    private const string UniqueViolation = "23505";

    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckExperiment(name);
        tags ??= new Dictionary<string, string>();
        foreach (var (tag, value) in tags) TrackingLimits.CheckExperimentTag(tag, value);
        return _database.WriteAsync("create experiment", connection => CreateAsync(connection, name, tags, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(name, nameof(name));
        return _database.ReadAsync("find experiment", connection => ExperimentRow.FindByNameAsync(connection, name, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Experiment?> FindExperimentByIdAsync(string id, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(id, nameof(id));
        return _database.ReadAsync("find experiment", connection => ExperimentRow.FindByIdAsync(connection, ExperimentRow.ToNumber(id), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Experiment> UpdateExperimentAsync(string id, ExperimentChanges changes, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(id, nameof(id));
        TrackingLimits.Check(changes);
        return _database.WriteAsync("update experiment", connection => UpdateAsync(connection, id, changes, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Experiment> SetExperimentStageAsync(string id, LifecycleStage stage, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckKey(id, nameof(id));
        RunRules.Check(stage);
        return _database.WriteAsync("set experiment stage", connection => SetStageAsync(connection, id, stage, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, CancellationToken cancellationToken = default)
    {
        var plan = SearchPlan.For(query);
        return _database.ReadAtOnceAsync("search experiments", connection => ExperimentSearcher.SearchAsync(connection, _database.Dialect, plan, cancellationToken), cancellationToken);
    }

    private async Task<Experiment> CreateAsync(DbConnection connection, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var now = Now;
        var inserted = await connection.QueryAsync(
            """
            INSERT INTO experiments (name, stage, created_at, last_updated_at) VALUES (@name, @stage, @created_at, @created_at)
            ON CONFLICT (name) DO NOTHING RETURNING id
            """,
            reader => reader.GetInt64(0),
            cancellationToken,
            ("name", name), ("stage", (long)LifecycleStage.Active), ("created_at", now)).ConfigureAwait(false);
        if (inserted.Count == 0) throw TrackingErrors.ExperimentTaken(name);
        foreach (var (tag, value) in tags) await SetTagAsync(connection, inserted[0], tag, value, cancellationToken).ConfigureAwait(false);
        return (await ExperimentRow.FindByIdAsync(connection, inserted[0], cancellationToken).ConfigureAwait(false))!;
    }

    private async Task<Experiment> UpdateAsync(DbConnection connection, string id, ExperimentChanges changes, CancellationToken cancellationToken)
    {
        var number = ExperimentRow.ToNumber(id);
        var experiment = await ExperimentRow.LockAsync(connection, _database.Dialect.ForUpdate, id, cancellationToken).ConfigureAwait(false);
        if (experiment.Stage == LifecycleStage.Deleted) throw TrackingErrors.ExperimentDeleted(experiment.Name);
        if (changes.Name is { } name && name != experiment.Name)
        {
            if (await ExperimentRow.FindByNameAsync(connection, name, cancellationToken).ConfigureAwait(false) is not null) throw TrackingErrors.ExperimentTaken(name);
            try
            {
                await connection.ExecuteAsync("UPDATE experiments SET name = @name WHERE id = @id", cancellationToken, ("name", name), ("id", number)).ConfigureAwait(false);
            }
            catch (DbException error) when (error.SqlState == UniqueViolation)
            {
                // Somebody took the name at the same moment, where there are several writers.
                throw TrackingErrors.ExperimentTaken(name);
            }
        }

        foreach (var tag in changes.RemovedTags)
            await connection.ExecuteAsync("DELETE FROM experiment_tags WHERE experiment = @id AND name = @name", cancellationToken, ("id", number), ("name", tag)).ConfigureAwait(false);
        foreach (var (tag, value) in changes.Tags) await SetTagAsync(connection, number, tag, value, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync("UPDATE experiments SET last_updated_at = @now WHERE id = @id", cancellationToken, ("now", Now), ("id", number)).ConfigureAwait(false);
        return (await ExperimentRow.FindByIdAsync(connection, number, cancellationToken).ConfigureAwait(false))!;
    }

    private async Task<Experiment> SetStageAsync(DbConnection connection, string id, LifecycleStage stage, CancellationToken cancellationToken)
    {
        var number = ExperimentRow.ToNumber(id);
        var experiment = await ExperimentRow.LockAsync(connection, _database.Dialect.ForUpdate, id, cancellationToken).ConfigureAwait(false);
        if (experiment.Stage == stage) return (await ExperimentRow.FindByIdAsync(connection, number, cancellationToken).ConfigureAwait(false))!;
        await connection.ExecuteAsync(
            "UPDATE experiments SET stage = @stage, last_updated_at = @now WHERE id = @id", cancellationToken, ("stage", (long)stage), ("now", Now), ("id", number)).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "UPDATE runs SET stage = @stage WHERE experiment = @id AND stage <> @stage", cancellationToken, ("stage", (long)stage), ("id", number)).ConfigureAwait(false);
        return (await ExperimentRow.FindByIdAsync(connection, number, cancellationToken).ConfigureAwait(false))!;
    }

    private Task<int> SetTagAsync(DbConnection connection, long experiment, string name, string value, CancellationToken cancellationToken) => connection.ExecuteAsync(
        _database.Dialect.Upsert("experiment_tags", ["experiment", "name"], ["value"]), cancellationToken, ("experiment", experiment), ("name", name), ("value", value));
}
