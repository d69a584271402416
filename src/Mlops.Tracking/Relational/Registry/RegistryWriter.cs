using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>Writes models and versions within a transaction. Each write takes the row of its model first, so that concurrent ones of one model wait for each other.</summary>
/// <param name="connection">The connection.</param>
/// <param name="dialect">The dialect.</param>
/// <param name="now">The present time in milliseconds since 1970-01-01T00:00Z.</param>
internal sealed class RegistryWriter(DbConnection connection, RelationalDialect dialect, long now)
{
    public async Task<RegisteredModel> CreateModelAsync(string name, string description, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var ids = await connection.QueryAsync(
            """
            INSERT INTO registered_models (name, created_at, last_updated_at, description, last_version) VALUES (@name, @now, @now, @description, 0)
            ON CONFLICT (name) DO NOTHING RETURNING id
            """,
            reader => reader.GetInt64(0),
            cancellationToken,
            ("name", name), ("now", now), ("description", description)).ConfigureAwait(false);
        if (ids.Count == 0) throw TrackingErrors.ModelTaken(name);
        foreach (var (tag, value) in tags) await SetModelTagAsync(ids[0], tag, value, cancellationToken).ConfigureAwait(false);
        return (await ModelRow.FindAsync(connection, name, cancellationToken).ConfigureAwait(false))!;
    }

    public async Task<RegisteredModel> UpdateModelAsync(string name, RegisteredModelChanges changes, CancellationToken cancellationToken)
    {
        var model = await ModelRow.TouchAsync(connection, dialect, name, now, cancellationToken).ConfigureAwait(false);
        if (changes.Name is { } next && next != name) await RenameAsync(model, next, cancellationToken).ConfigureAwait(false);
        if (changes.Description is { } description)
            await connection.ExecuteAsync("UPDATE registered_models SET description = @description WHERE id = @id", cancellationToken, ("description", description), ("id", model)).ConfigureAwait(false);
        foreach (var tag in changes.RemovedTags)
            await connection.ExecuteAsync("DELETE FROM model_tags WHERE model = @model AND name = @name", cancellationToken, ("model", model), ("name", tag)).ConfigureAwait(false);
        foreach (var (tag, value) in changes.Tags) await SetModelTagAsync(model, tag, value, cancellationToken).ConfigureAwait(false);
        return (await ModelRow.FindAsync(connection, changes.Name ?? name, cancellationToken).ConfigureAwait(false))!;
    }

    public async Task DeleteModelAsync(string name, CancellationToken cancellationToken)
    {
        var model = await ModelRow.TouchAsync(connection, dialect, name, now, cancellationToken).ConfigureAwait(false);
        string[] statements =
        [
            "DELETE FROM version_tags WHERE model = @model", "DELETE FROM model_aliases WHERE model = @model", "DELETE FROM model_versions WHERE model = @model",
            "DELETE FROM model_tags WHERE model = @model", "DELETE FROM registered_models WHERE id = @model",
        ];
        foreach (var statement in statements) await connection.ExecuteAsync(statement, cancellationToken, ("model", model)).ConfigureAwait(false);
    }

    public async Task<ModelVersion> RegisterAsync(string name, NewModelVersion version, CancellationToken cancellationToken)
    {
        // One statement counts up and makes concurrent registrations of this model wait for each other; an undone one gives its number back.
        var (model, number) = (await connection.QueryAsync(
            """
            INSERT INTO registered_models (name, created_at, last_updated_at, description, last_version) VALUES (@name, @now, @now, '', 1)
            ON CONFLICT (name) DO UPDATE SET last_version = registered_models.last_version + 1, last_updated_at = excluded.last_updated_at RETURNING id, last_version
            """,
            reader => (reader.GetInt64(0), (int)reader.GetInt64(1)),
            cancellationToken,
            ("name", name), ("now", now)).ConfigureAwait(false))[0];
        if (version.RequestKey is not null && await FindRepeatedAsync(model, name, version, cancellationToken).ConfigureAwait(false) is { } repeated) return repeated;
        await connection.ExecuteAsync(
            """
            INSERT INTO model_versions (model, version, source, digest, created_at, last_updated_at, stage, is_deleted, run_id, dataset_digest, code_version, description, request_key)
            VALUES (@model, @version, @source, @digest, @now, @now, 0, 0, @run_id, @dataset_digest, @code_version, @description, @request_key)
            """,
            cancellationToken,
            ("model", model), ("version", (long)number), ("source", version.Source), ("digest", version.Digest), ("now", now),
            ("run_id", version.Lineage.RunId), ("dataset_digest", version.Lineage.DatasetDigest), ("code_version", version.Lineage.CodeVersion),
            ("description", version.Description), ("request_key", version.RequestKey)).ConfigureAwait(false);
        foreach (var (tag, value) in version.Tags) await SetVersionTagAsync(model, number, tag, value, cancellationToken).ConfigureAwait(false);
        return RegistryRules.Describe(name, number, version, DateTimeOffset.FromUnixTimeMilliseconds(now));
    }

    public async Task<ModelVersion> UpdateVersionAsync(string name, int version, ModelVersionChanges changes, CancellationToken cancellationToken)
    {
        var model = await ModelRow.TouchAsync(connection, dialect, name, now, cancellationToken).ConfigureAwait(false);
        await VersionRow.CheckAsync(connection, model, name, version, cancellationToken).ConfigureAwait(false);
        if (changes.ArchiveExisting)
        {
            await connection.ExecuteAsync(
                "UPDATE model_versions SET stage = @archived, last_updated_at = @now WHERE model = @model AND stage = @stage AND version <> @version AND is_deleted = 0",
                cancellationToken,
                ("archived", (long)ModelStage.Archived), ("now", now), ("model", model), ("stage", (long)changes.Stage!), ("version", (long)version)).ConfigureAwait(false);
        }

        await connection.ExecuteAsync(
            """
            UPDATE model_versions SET description = COALESCE(@description, description), stage = COALESCE(@stage, stage), last_updated_at = @now
            WHERE model = @model AND version = @version
            """,
            cancellationToken,
            ("description", changes.Description), ("stage", (long?)changes.Stage), ("now", now), ("model", model), ("version", (long)version)).ConfigureAwait(false);
        foreach (var tag in changes.RemovedTags)
        {
            await connection.ExecuteAsync(
                "DELETE FROM version_tags WHERE model = @model AND version = @version AND name = @name",
                cancellationToken,
                ("model", model), ("version", (long)version), ("name", tag)).ConfigureAwait(false);
        }

        foreach (var (tag, value) in changes.Tags) await SetVersionTagAsync(model, version, tag, value, cancellationToken).ConfigureAwait(false);
        return await VersionRow.ResolveAsync(connection, ModelUri.OfVersion(name, version), cancellationToken).ConfigureAwait(false);
    }

    public async Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken)
    {
        var model = await ModelRow.TouchAsync(connection, dialect, name, now, cancellationToken).ConfigureAwait(false);
        await VersionRow.CheckAsync(connection, model, name, version, cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "DELETE FROM version_tags WHERE model = @model AND version = @version", cancellationToken, ("model", model), ("version", (long)version)).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "DELETE FROM model_aliases WHERE model = @model AND version = @version", cancellationToken, ("model", model), ("version", (long)version)).ConfigureAwait(false);
        await connection.ExecuteAsync(
            """
            UPDATE model_versions SET is_deleted = 1, source = @redacted, digest = @redacted, run_id = NULL, dataset_digest = NULL, code_version = NULL, description = '', request_key = NULL, last_updated_at = @now
            WHERE model = @model AND version = @version
            """,
            cancellationToken,
            ("redacted", RegistryRules.Redacted), ("now", now), ("model", model), ("version", (long)version)).ConfigureAwait(false);
    }

    public async Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition, CancellationToken cancellationToken)
    {
        var model = await ModelRow.TouchAsync(connection, dialect, name, now, cancellationToken).ConfigureAwait(false);
        if (version is { } wanted) await VersionRow.CheckAsync(connection, model, name, wanted, cancellationToken).ConfigureAwait(false);
        if (condition.IsChecked)
        {
            var present = await connection.QueryAsync(
                "SELECT version FROM model_aliases WHERE model = @model AND alias = @alias",
                reader => (int?)reader.GetInt64(0),
                cancellationToken,
                ("model", model), ("alias", alias)).ConfigureAwait(false);
            if (present.FirstOrDefault() != condition.Expected) throw TrackingErrors.AliasElsewhere(name, alias, present.FirstOrDefault());
        }

        if (version is { } target)
        {
            await connection.ExecuteAsync(
                dialect.Upsert("model_aliases", ["model", "alias"], ["version"]), cancellationToken, ("model", model), ("alias", alias), ("version", (long)target)).ConfigureAwait(false);
        }
        else
        {
            await connection.ExecuteAsync("DELETE FROM model_aliases WHERE model = @model AND alias = @alias", cancellationToken, ("model", model), ("alias", alias)).ConfigureAwait(false);
        }
    }

    // After the row of the model was taken: who comes with the same key at the same time waits there, and sees the version then.
    private async Task<ModelVersion?> FindRepeatedAsync(long model, string name, NewModelVersion version, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            "SELECT version FROM model_versions WHERE model = @model AND request_key = @request_key",
            reader => (int)reader.GetInt64(0),
            cancellationToken,
            ("model", model), ("request_key", version.RequestKey)).ConfigureAwait(false);
        if (found.Count == 0) return null;
        // Gives the number back, which nobody has seen.
        await connection.ExecuteAsync("UPDATE registered_models SET last_version = last_version - 1 WHERE id = @id", cancellationToken, ("id", model)).ConfigureAwait(false);
        return RegistryRules.CheckSame(await VersionRow.ResolveAsync(connection, ModelUri.OfVersion(name, found[0]), cancellationToken).ConfigureAwait(false), version);
    }

    private async Task RenameAsync(long model, string name, CancellationToken cancellationToken)
    {
        const string UniqueViolation = "23505";
        if (await ModelRow.FindIdAsync(connection, name, "", cancellationToken).ConfigureAwait(false) is not null) throw TrackingErrors.ModelTaken(name);
        try
        {
            await connection.ExecuteAsync("UPDATE registered_models SET name = @name WHERE id = @id", cancellationToken, ("name", name), ("id", model)).ConfigureAwait(false);
        }
        catch (DbException error) when (error.SqlState == UniqueViolation)
        {
            // Another writer took the name after the look above.
            throw TrackingErrors.ModelTaken(name);
        }
    }

    private Task<int> SetModelTagAsync(long model, string name, string value, CancellationToken cancellationToken) => connection.ExecuteAsync(
        dialect.Upsert("model_tags", ["model", "name"], ["value"]), cancellationToken, ("model", model), ("name", name), ("value", value));

    private Task<int> SetVersionTagAsync(long model, int version, string name, string value, CancellationToken cancellationToken) => connection.ExecuteAsync(
        dialect.Upsert("version_tags", ["model", "version", "name"], ["value"]),
        cancellationToken,
        ("model", model), ("version", (long)version), ("name", name), ("value", value));
}
