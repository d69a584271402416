using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The row of a registered model.</summary>
internal static class ModelRow
{
    public const string Columns = "m.id, m.name, m.created_at, m.last_updated_at, m.description";

    public static (long Id, RegisteredModel Model) Read(DbDataReader reader)
        => (reader.GetInt64(0), new RegisteredModel(reader.GetString(1), reader.GetTime(2)) { LastUpdatedAt = reader.GetTime(3), Description = reader.GetString(4) });

    public static async Task<RegisteredModel?> FindAsync(DbConnection connection, string name, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync($"SELECT {Columns} FROM registered_models m WHERE m.name = @name", Read, cancellationToken, ("name", name)).ConfigureAwait(false);
        return (await CompleteAsync(connection, found, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    /// <summary>Finds the number of a model.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="name">The name.</param>
    /// <param name="lockClause">The dialect's clause that keeps the row from changing, or empty.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<long?> FindIdAsync(DbConnection connection, string name, string lockClause, CancellationToken cancellationToken)
    {
        var ids = await connection.QueryAsync(
            $"SELECT id FROM registered_models WHERE name = @name{lockClause}", reader => reader.GetInt64(0), cancellationToken, ("name", name)).ConfigureAwait(false);
        return ids.Count == 1 ? ids[0] : null;
    }

    /// <summary>Finds the number of a model, keeps the model from changing until the transaction ends, and notes that it changes.</summary>
    public static async Task<long> TouchAsync(DbConnection connection, RelationalDialect dialect, string name, long now, CancellationToken cancellationToken)
    {
        var id = await FindIdAsync(connection, name, dialect.ForUpdate, cancellationToken).ConfigureAwait(false) ?? throw TrackingErrors.Model(name);
        await connection.ExecuteAsync("UPDATE registered_models SET last_updated_at = @now WHERE id = @id", cancellationToken, ("now", now), ("id", id)).ConfigureAwait(false);
        return id;
    }

    /// <summary>Gives models their tags, aliases and latest versions.</summary>
    public static async Task<List<RegisteredModel>> CompleteAsync(DbConnection connection, IReadOnlyList<(long Id, RegisteredModel Model)> rows, CancellationToken cancellationToken)
    {
        var complete = new List<RegisteredModel>(rows.Count);
        foreach (var page in rows.Chunk(500))
        {
            // Numbers that the database gave out, so they can stand in the text.
            var ids = string.Join(',', page.Select(row => row.Id.ToString(CultureInfo.InvariantCulture)));
            var tags = (await connection.QueryOnceAsync(
                $"SELECT model, name, value FROM model_tags WHERE model IN ({ids})",
                reader => (Model: reader.GetInt64(0), Tag: KeyValuePair.Create(reader.GetString(1), reader.GetString(2))),
                cancellationToken).ConfigureAwait(false)).ToLookup(row => row.Model, row => row.Tag);
            var aliases = (await connection.QueryOnceAsync(
                $"SELECT model, alias, version FROM model_aliases WHERE model IN ({ids})",
                reader => (Model: reader.GetInt64(0), Alias: KeyValuePair.Create(reader.GetString(1), (int)reader.GetInt64(2))),
                cancellationToken).ConfigureAwait(false)).ToLookup(row => row.Model, row => row.Alias);
            var latest = (await connection.QueryOnceAsync(
                $"SELECT model, stage, max(version) FROM model_versions WHERE model IN ({ids}) AND is_deleted = 0 GROUP BY model, stage",
                reader => (Model: reader.GetInt64(0), Stage: (ModelStage)reader.GetInt64(1), Version: (int)reader.GetInt64(2)),
                cancellationToken).ConfigureAwait(false)).ToLookup(row => row.Model);
            complete.AddRange(page.Select(row => row.Model with
            {
                Tags = tags[row.Id].SortByName(),
                Aliases = aliases[row.Id].SortByName(),
                LatestVersions = latest[row.Id].OrderBy(version => version.Stage).ToDictionary(version => version.Stage, version => version.Version),
            }));
        }

        return complete;
    }
}
