using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>Keeps experiments in a relational database.</summary>
/// <param name="database">The database; it stays the caller's.</param>
/// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
public sealed class RelationalExperimentStore(RelationalDatabase database, TimeProvider? timeProvider = null) : IExperimentStore
{
    private const string Select = "SELECT id, name, stage, created_at FROM experiments";

    private readonly RelationalDatabase _database = database ?? throw new ArgumentNullException(nameof(database));
    private readonly TimeProvider _time = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckExperiment(name);
        tags ??= new Dictionary<string, string>();
        TrackingLimits.CheckTags(tags);
        return _database.WriteAsync("create experiment", connection => CreateAsync(connection, name, tags, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _database.ReadAsync("find experiment", connection => FindAsync(connection, name, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<Experiment> ListExperimentsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var experiments = await _database.ReadAsync("list experiments", connection => ListAsync(connection, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var experiment in experiments) yield return experiment;
    }

    internal static async Task<Experiment?> FindAsync(DbConnection connection, string name, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(Select + " WHERE name = @name", Read, cancellationToken, ("name", name)).ConfigureAwait(false);
        if (found.Count == 0) return null;
        var tags = await connection.QueryAsync(
            "SELECT name, value FROM experiment_tags WHERE experiment = @id",
            reader => KeyValuePair.Create(reader.GetString(0), reader.GetString(1)),
            cancellationToken,
            ("id", long.Parse(found[0].Id, CultureInfo.InvariantCulture))).ConfigureAwait(false);
        return found[0] with { Tags = new Dictionary<string, string>(tags, StringComparer.Ordinal) };
    }

    private async Task<Experiment> CreateAsync(DbConnection connection, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var inserted = await connection.ExecuteAsync(
            "INSERT INTO experiments (name, stage, created_at) VALUES (@name, @stage, @created_at) ON CONFLICT (name) DO NOTHING",
            cancellationToken,
            ("name", name), ("stage", (long)LifecycleStage.Active), ("created_at", _time.GetUtcNow().ToUnixTimeMilliseconds())).ConfigureAwait(false);
        if (inserted == 0) throw TrackingErrors.ExperimentTaken(name);
        var created = await FindAsync(connection, name, cancellationToken).ConfigureAwait(false);
        foreach (var (tag, value) in tags)
        {
            await connection.ExecuteAsync(
                "INSERT INTO experiment_tags (experiment, name, value) VALUES (@experiment, @name, @value)",
                cancellationToken,
                ("experiment", long.Parse(created!.Id, CultureInfo.InvariantCulture)), ("name", tag), ("value", value)).ConfigureAwait(false);
        }

        return created! with { Tags = new Dictionary<string, string>(tags, StringComparer.Ordinal) };
    }

    private static async Task<List<Experiment>> ListAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var experiments = await connection.QueryAsync(Select + " WHERE stage = @stage ORDER BY id", Read, cancellationToken, ("stage", (long)LifecycleStage.Active)).ConfigureAwait(false);
        var tags = await connection.QueryAsync(
            "SELECT experiment, name, value FROM experiment_tags",
            reader => (Experiment: reader.GetInt64(0).ToString(CultureInfo.InvariantCulture), Name: reader.GetString(1), Value: reader.GetString(2)),
            cancellationToken).ConfigureAwait(false);
        var byExperiment = tags.ToLookup(tag => tag.Experiment);
        return experiments.ConvertAll(experiment => experiment with
        {
            Tags = byExperiment[experiment.Id].ToDictionary(tag => tag.Name, tag => tag.Value, StringComparer.Ordinal),
        });
    }

    private static Experiment Read(DbDataReader reader) => new(
        reader.GetInt64(0).ToString(CultureInfo.InvariantCulture), reader.GetString(1), (LifecycleStage)reader.GetInt64(2), reader.GetTime(3));
}
