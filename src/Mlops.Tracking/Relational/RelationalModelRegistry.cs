using System.Data.Common;
using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>A model registry in a relational database.</summary>
public sealed class RelationalModelRegistry : IModelRegistry
{
    private const string SelectVersion
        = "SELECT m.name, v.version, v.source, v.digest, v.created_at, v.run_id, v.dataset_digest, v.code_version, v.description FROM model_versions v JOIN registered_models m ON m.id = v.model";

    private readonly RelationalDatabase _database;
    private readonly TimeProvider _time;
    private readonly RegistryWatch _watch;

    /// <summary>Creates a registry over a database.</summary>
    /// <param name="database">The database; it stays the caller's.</param>
    /// <param name="options">How changes are noticed; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    public RelationalModelRegistry(RelationalDatabase database, RegistryOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;
        _time = timeProvider ?? TimeProvider.System;
        _watch = new RegistryWatch(options ?? new RegistryOptions(), _time);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        return _database.ReadAsync("find model", connection => FindModelAsync(connection, name, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ModelVersion> RegisterVersionAsync(string name, NewModelVersion version, CancellationToken cancellationToken = default)
    {
        var now = RegistryRules.CheckNew(name, version, _time);
        var registered = await _database.WriteAsync(
            "register model version", connection => RegisterAsync(connection, name, version, now, cancellationToken), cancellationToken).ConfigureAwait(false);
        _watch.Pulse();
        return registered;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ModelVersion> ListVersionsAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        var versions = await _database.ReadAsync("list model versions", connection => ListAsync(connection, name, cancellationToken), cancellationToken).ConfigureAwait(false);
        foreach (var version in versions) yield return version;
    }

    /// <inheritdoc/>
    public async Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition = default, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckAlias(name, alias);
        await _database.WriteAsync("set alias", connection => SetAliasAsync(connection, name, alias, version, condition, cancellationToken), cancellationToken).ConfigureAwait(false);
        _watch.Pulse();
    }

    /// <inheritdoc/>
    public Task SetVersionTagAsync(string name, int version, string tag, string? value, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        TrackingLimits.CheckVersionTag(tag, value ?? "");
        return _database.WriteAsync(
            "set version tag",
            async connection =>
            {
                var model = await LockModelAsync(connection, name, cancellationToken).ConfigureAwait(false);
                await CheckVersionAsync(connection, model, name, version, cancellationToken).ConfigureAwait(false);
                if (value is null)
                {
                    await connection.ExecuteAsync(
                        "DELETE FROM version_tags WHERE model = @model AND version = @version AND name = @name",
                        cancellationToken,
                        ("model", model), ("version", (long)version), ("name", tag)).ConfigureAwait(false);
                }
                else
                {
                    await SetTagAsync(connection, model, version, tag, value, cancellationToken).ConfigureAwait(false);
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return _database.ReadAsync("resolve model", connection => ResolveAsync(connection, uri, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return _watch.WatchAsync(this, uri, cancellationToken);
    }

    private static async Task<RegisteredModel?> FindModelAsync(DbConnection connection, string name, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            "SELECT name, created_at, description FROM registered_models WHERE name = @name",
            reader => new RegisteredModel(reader.GetString(0), reader.GetTime(1)) { Description = reader.GetString(2) },
            cancellationToken,
            ("name", name)).ConfigureAwait(false);
        if (found.Count == 0) return null;
        var aliases = await connection.QueryAsync(
            "SELECT a.alias, a.version FROM model_aliases a JOIN registered_models m ON m.id = a.model WHERE m.name = @name",
            reader => KeyValuePair.Create(reader.GetString(0), (int)reader.GetInt64(1)),
            cancellationToken,
            ("name", name)).ConfigureAwait(false);
        return found[0] with { Aliases = new Dictionary<string, int>(aliases, StringComparer.Ordinal) };
    }

    private async Task<ModelVersion> RegisterAsync(DbConnection connection, string name, NewModelVersion version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "INSERT INTO registered_models (name, created_at, description, last_version) VALUES (@name, @created_at, '', 0) ON CONFLICT (name) DO NOTHING",
            cancellationToken,
            ("name", name), ("created_at", now.ToUnixTimeMilliseconds())).ConfigureAwait(false);
        // The update makes concurrent registrations of this model wait for each other, and an undone one gives its number back.
        await connection.ExecuteAsync("UPDATE registered_models SET last_version = last_version + 1 WHERE name = @name", cancellationToken, ("name", name)).ConfigureAwait(false);
        var (model, number) = (await connection.QueryAsync(
            "SELECT id, last_version FROM registered_models WHERE name = @name",
            reader => (reader.GetInt64(0), (int)reader.GetInt64(1)),
            cancellationToken,
            ("name", name)).ConfigureAwait(false))[0];
        await connection.ExecuteAsync(
            """
            INSERT INTO model_versions (model, version, source, digest, created_at, run_id, dataset_digest, code_version, description)
            VALUES (@model, @version, @source, @digest, @created_at, @run_id, @dataset_digest, @code_version, @description)
            """,
            cancellationToken,
            ("model", model), ("version", (long)number), ("source", version.Source), ("digest", version.Digest), ("created_at", now.ToUnixTimeMilliseconds()),
            ("run_id", version.Lineage.RunId), ("dataset_digest", version.Lineage.DatasetDigest), ("code_version", version.Lineage.CodeVersion),
            ("description", version.Description)).ConfigureAwait(false);
        foreach (var (tag, value) in version.Tags) await SetTagAsync(connection, model, number, tag, value, cancellationToken).ConfigureAwait(false);
        return RegistryRules.Describe(name, number, version, now);
    }

    private Task<int> SetTagAsync(DbConnection connection, long model, int version, string tag, string value, CancellationToken cancellationToken) => connection.ExecuteAsync(
        _database.Dialect.Upsert("version_tags", ["model", "version", "name"], ["value"]),
        cancellationToken,
        ("model", model), ("version", (long)version), ("name", tag), ("value", value));

    private async Task SetAliasAsync(DbConnection connection, string name, string alias, int? version, AliasCondition condition, CancellationToken cancellationToken)
    {
        var model = await LockModelAsync(connection, name, cancellationToken).ConfigureAwait(false);
        if (version is { } wanted) await CheckVersionAsync(connection, model, name, wanted, cancellationToken).ConfigureAwait(false);
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
                _database.Dialect.Upsert("model_aliases", ["model", "alias"], ["version"]),
                cancellationToken,
                ("model", model), ("alias", alias), ("version", (long)target)).ConfigureAwait(false);
        }
        else
        {
            await connection.ExecuteAsync("DELETE FROM model_aliases WHERE model = @model AND alias = @alias", cancellationToken, ("model", model), ("alias", alias)).ConfigureAwait(false);
        }
    }

    private async Task<long> LockModelAsync(DbConnection connection, string name, CancellationToken cancellationToken)
    {
        var ids = await connection.QueryAsync(
            $"SELECT id FROM registered_models WHERE name = @name{_database.Dialect.ForUpdate}", reader => reader.GetInt64(0), cancellationToken, ("name", name)).ConfigureAwait(false);
        return ids.Count == 1 ? ids[0] : throw TrackingErrors.Model(name);
    }

    private static async Task CheckVersionAsync(DbConnection connection, long model, string name, int version, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            "SELECT version FROM model_versions WHERE model = @model AND version = @version",
            reader => reader.GetInt64(0),
            cancellationToken,
            ("model", model), ("version", (long)version)).ConfigureAwait(false);
        if (found.Count == 0) throw TrackingErrors.Version(name, version);
    }

    // One statement finds alias and version together, so that an alias which moves meanwhile cannot be seen halfway.
    private static async Task<ModelVersion> ResolveAsync(DbConnection connection, ModelUri uri, CancellationToken cancellationToken)
    {
        var (condition, value) = uri switch
        {
            { Version: { } version } => ("v.version = @value", (object)(long)version),
            { Alias: ModelUri.Latest } => ("v.version = (SELECT max(version) FROM model_versions WHERE model = m.id) AND @value = @value", ModelUri.Latest),
            _ => ("v.version = (SELECT version FROM model_aliases WHERE model = m.id AND alias = @value)", (object)uri.Alias!),
        };
        var found = await connection.QueryAsync($"{SelectVersion} WHERE m.name = @name AND {condition}", ReadVersion, cancellationToken, ("name", uri.Name), ("value", value)).ConfigureAwait(false);
        if (found.Count == 1) return (await AddTagsAsync(connection, uri.Name, found, cancellationToken).ConfigureAwait(false))[0];
        if (await FindModelAsync(connection, uri.Name, cancellationToken).ConfigureAwait(false) is null) throw TrackingErrors.Model(uri.Name);
        throw uri.Version is { } missing ? TrackingErrors.Version(uri.Name, missing) : TrackingErrors.Alias(uri.Name, uri.Alias!);
    }

    private static async Task<List<ModelVersion>> ListAsync(DbConnection connection, string name, CancellationToken cancellationToken)
    {
        var versions = await connection.QueryAsync(SelectVersion + " WHERE m.name = @name ORDER BY v.version DESC", ReadVersion, cancellationToken, ("name", name)).ConfigureAwait(false);
        return await AddTagsAsync(connection, name, versions, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<List<ModelVersion>> AddTagsAsync(DbConnection connection, string name, List<ModelVersion> versions, CancellationToken cancellationToken)
    {
        if (versions.Count == 0) return versions;
        var (first, last) = (versions.Min(version => version.Version), versions.Max(version => version.Version));
        var tags = await connection.QueryAsync(
            "SELECT t.version, t.name, t.value FROM version_tags t JOIN registered_models m ON m.id = t.model WHERE m.name = @name AND t.version BETWEEN @first AND @last",
            reader => (Version: (int)reader.GetInt64(0), Name: reader.GetString(1), Value: reader.GetString(2)),
            cancellationToken,
            ("name", name), ("first", (long)first), ("last", (long)last)).ConfigureAwait(false);
        var byVersion = tags.ToLookup(tag => tag.Version);
        return versions.ConvertAll(version => version with { Tags = byVersion[version.Version].ToDictionary(tag => tag.Name, tag => tag.Value, StringComparer.Ordinal) });
    }

    private static ModelVersion ReadVersion(DbDataReader reader) => new(
        reader.GetString(0), (int)reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetTime(4))
    {
        Lineage = new Lineage(reader.GetText(5), reader.GetText(6), reader.GetText(7)),
        Description = reader.GetString(8),
    };
}
