using System.Data.Common;
using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The row of a model version.</summary>
internal static class VersionRow
{
    public const string From = " FROM model_versions v JOIN registered_models m ON m.id = v.model";

    public const string Columns
        = "m.name, v.version, v.source, v.digest, v.created_at, v.last_updated_at, v.stage, v.run_id, v.dataset_digest, v.code_version, v.description, v.model";

    private const string Select = $"SELECT {Columns}, t.name, t.value{From} LEFT JOIN version_tags t ON t.model = v.model AND t.version = v.version WHERE m.name = @name AND v.is_deleted = 0 AND ";

    public static ModelVersion Read(DbDataReader reader) => new(
        reader.GetString(0), (int)reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetTime(4))
    {
        LastUpdatedAt = reader.GetTime(5),
        Stage = (ModelStage)reader.GetInt64(6),
        Lineage = new Lineage(reader.GetText(7), reader.GetText(8), reader.GetText(9)),
        Description = reader.GetString(10),
    };

    // One statement finds alias, version and tags together, so that what changes meanwhile cannot be seen halfway.
    public static async Task<ModelVersion> ResolveAsync(DbConnection connection, ModelUri uri, CancellationToken cancellationToken)
    {
        const string Latest = "v.version = (SELECT max(x.version) FROM model_versions x WHERE x.model = m.id AND x.is_deleted = 0";
        var name = ("name", (object?)uri.Name);
        var found = uri switch
        {
            { Version: { } version } => await FindAsync(connection, Select + "v.version = @version", cancellationToken, name, ("version", (long)version)).ConfigureAwait(false),
            { Stage: { } stage } => await FindAsync(connection, $"{Select}{Latest} AND x.stage = @stage)", cancellationToken, name, ("stage", (long)stage)).ConfigureAwait(false),
            { Alias: ModelUri.Latest } => await FindAsync(connection, $"{Select}{Latest})", cancellationToken, name).ConfigureAwait(false),
            _ => await FindAsync(
                connection, Select + "v.version = (SELECT a.version FROM model_aliases a WHERE a.model = m.id AND a.alias = @alias)", cancellationToken, name, ("alias", uri.Alias)).ConfigureAwait(false),
        };
        if (found is not null) return found;
        if (await ModelRow.FindIdAsync(connection, uri.Name, "", cancellationToken).ConfigureAwait(false) is null) throw TrackingErrors.Model(uri.Name);
        throw uri switch
        {
            { Version: { } version } => TrackingErrors.Version(uri.Name, version),
            { Stage: { } stage } => TrackingErrors.Stage(uri.Name, stage),
            { Alias: ModelUri.Latest } => TrackingErrors.NoVersions(uri.Name),
            _ => TrackingErrors.Alias(uri.Name, uri.Alias!),
        };
    }

    /// <summary>Gives versions their tags.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="rows">The versions with the numbers of their models.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<List<ModelVersion>> CompleteAsync(DbConnection connection, IReadOnlyList<(long Model, ModelVersion Version)> rows, CancellationToken cancellationToken)
    {
        var complete = new List<ModelVersion>(rows.Count);
        foreach (var page in rows.Chunk(500))
        {
            // Numbers that the database gave out, so they can stand in the text.
            var keys = string.Join(", ", page.Select(row => string.Create(CultureInfo.InvariantCulture, $"({row.Model}, {row.Version.Version})")));
            var tags = await connection.QueryOnceAsync(
                $"SELECT model, version, name, value FROM version_tags WHERE (model, version) IN (VALUES {keys})",
                reader => (Key: (reader.GetInt64(0), (int)reader.GetInt64(1)), Tag: KeyValuePair.Create(reader.GetString(2), reader.GetString(3))),
                cancellationToken).ConfigureAwait(false);
            var byVersion = tags.ToLookup(row => row.Key, row => row.Tag);
            complete.AddRange(page.Select(row => row.Version with { Tags = byVersion[(row.Model, row.Version.Version)].SortByName() }));
        }

        return complete;
    }

    /// <summary>Checks that a version exists and was not deleted.</summary>
    public static async Task CheckAsync(DbConnection connection, long model, string name, int version, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            "SELECT version FROM model_versions WHERE model = @model AND version = @version AND is_deleted = 0",
            reader => reader.GetInt64(0),
            cancellationToken,
            ("model", model), ("version", (long)version)).ConfigureAwait(false);
        if (found.Count == 0) throw TrackingErrors.Version(name, version);
    }

    private static async Task<ModelVersion?> FindAsync(DbConnection connection, string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        var rows = await connection.QueryAsync(sql, reader => (Version: Read(reader), Tag: reader.GetText(12), Value: reader.GetText(13)), cancellationToken, parameters).ConfigureAwait(false);
        return rows.Count == 0
            ? null
            : rows[0].Version with { Tags = rows.Where(row => row.Tag is not null).Select(row => KeyValuePair.Create(row.Tag!, row.Value!)).SortByName() };
    }
}
