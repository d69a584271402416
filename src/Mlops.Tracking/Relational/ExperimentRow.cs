using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The row of an experiment.</summary>
internal static class ExperimentRow
{
    public const string Select = "SELECT e.id, e.name, e.stage, e.created_at, e.last_updated_at FROM experiments e";

    /// <summary>Gives the number that an identifier stands for; -1, which no experiment has, when it is none.</summary>
    public static long ToNumber(string id) => long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && ToId(number) == id ? number : -1;

    public static string ToId(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static Experiment Read(DbDataReader reader) => new(ToId(reader.GetInt64(0)), reader.GetString(1), (LifecycleStage)reader.GetInt64(2), reader.GetTime(3))
    {
        LastUpdatedAt = reader.GetTime(4),
    };

    public static async Task<Experiment?> FindByNameAsync(DbConnection connection, string name, CancellationToken cancellationToken)
        => await SingleAsync(connection, await connection.QueryAsync(Select + " WHERE e.name = @name", Read, cancellationToken, ("name", name)).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    public static async Task<Experiment?> FindByIdAsync(DbConnection connection, long id, CancellationToken cancellationToken)
        => await SingleAsync(connection, await connection.QueryAsync(Select + " WHERE e.id = @id", Read, cancellationToken, ("id", id)).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Finds an experiment, without its tags, and keeps it from changing until the transaction ends.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="lockClause">What keeps it from changing: <see cref="RelationalDialect.ForUpdate"/> or <see cref="RelationalDialect.ForShare"/>.</param>
    /// <param name="id">The identifier.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async Task<Experiment> LockAsync(DbConnection connection, string lockClause, string id, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync($"{Select} WHERE e.id = @id{lockClause}", Read, cancellationToken, ("id", ToNumber(id))).ConfigureAwait(false);
        return found.Count == 1 ? found[0] : throw TrackingErrors.ExperimentId(id);
    }

    /// <summary>Gives experiments their tags.</summary>
    public static async Task<List<Experiment>> CompleteAsync(DbConnection connection, IReadOnlyList<Experiment> experiments, CancellationToken cancellationToken)
    {
        var complete = new List<Experiment>(experiments.Count);
        foreach (var page in experiments.Chunk(500))
        {
            // Numbers that the database gave out, so they can stand in the text.
            var tags = await connection.QueryOnceAsync(
                $"SELECT experiment, name, value FROM experiment_tags WHERE experiment IN ({string.Join(',', page.Select(experiment => experiment.Id))})",
                reader => (Experiment: ToId(reader.GetInt64(0)), Tag: KeyValuePair.Create(reader.GetString(1), reader.GetString(2))),
                cancellationToken).ConfigureAwait(false);
            var byExperiment = tags.ToLookup(row => row.Experiment, row => row.Tag);
            complete.AddRange(page.Select(experiment => experiment with { Tags = byExperiment[experiment.Id].SortByName() }));
        }

        return complete;
    }

    private static async Task<Experiment?> SingleAsync(DbConnection connection, List<Experiment> found, CancellationToken cancellationToken)
    {
        if (found.Count == 0) return null;
        var tags = await connection.QueryAsync(
            "SELECT name, value FROM experiment_tags WHERE experiment = @id",
            reader => KeyValuePair.Create(reader.GetString(0), reader.GetString(1)),
            cancellationToken,
            ("id", ToNumber(found[0].Id))).ConfigureAwait(false);
        return found[0] with { Tags = tags.SortByName() };
    }
}
