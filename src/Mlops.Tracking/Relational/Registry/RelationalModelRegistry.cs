using System.Data.Common;

namespace Mlops.Tracking;

/// <summary>A model registry in a relational database.</summary>
public sealed class RelationalModelRegistry : IModelRegistry, IRegistryVersion
{
    private readonly RelationalDatabase _database;
    private readonly TimeProvider _time;
    private readonly RegistryWatch _watch;

    /// <summary>Creates a registry over a database.</summary>
    /// <param name="database">The database; it stays the caller's.</param>
    /// <param name="options">How changes are noticed; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public RelationalModelRegistry(RelationalDatabase database, RegistryOptions? options = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;
        _time = timeProvider ?? TimeProvider.System;
        _watch = new RegistryWatch((options ?? new RegistryOptions()).Check(), _time, FindChangesAsync);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel> CreateModelAsync(string name, string description = "", IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckNew(name, description, tags);
        return ChangeAsync("create model", writer => writer.CreateModelAsync(name, description, tags ?? new Dictionary<string, string>(), cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        return _database.ReadAtOnceAsync("find model", connection => ModelRow.FindAsync(connection, name, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel> UpdateModelAsync(string name, RegisteredModelChanges changes, CancellationToken cancellationToken = default)
    {
        RegistryRules.Check(name, changes);
        return ChangeAsync("update model", writer => writer.UpdateModelAsync(name, changes, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteModelAsync(string name, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        return ChangeAsync("delete model", writer => writer.DeleteModelAsync(name, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Page<RegisteredModel>> SearchModelsAsync(ModelQuery query, CancellationToken cancellationToken = default)
    {
        var plan = SearchPlan.For(query);
        return _database.ReadAtOnceAsync(
            "search models", connection => RegistrySearcher.FindModelsAsync(connection, _database.Dialect, plan, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ModelVersion> RegisterVersionAsync(string name, NewModelVersion version, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckNew(name, version);
        return ChangeAsync("register model version", writer => writer.RegisterAsync(name, version, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ModelVersion> UpdateVersionAsync(string name, int version, ModelVersionChanges changes, CancellationToken cancellationToken = default)
    {
        RegistryRules.Check(name, version, changes);
        return ChangeAsync("update model version", writer => writer.UpdateVersionAsync(name, version, changes, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckVersion(name, version);
        return ChangeAsync("delete model version", writer => writer.DeleteVersionAsync(name, version, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Page<ModelVersion>> SearchVersionsAsync(ModelVersionQuery query, CancellationToken cancellationToken = default)
    {
        var plan = SearchPlan.For(query);
        return _database.ReadAtOnceAsync(
            "search model versions", connection => RegistrySearcher.FindVersionsAsync(connection, _database.Dialect, plan, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition = default, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckAlias(name, alias);
        return ChangeAsync("set alias", writer => writer.SetAliasAsync(name, alias, version, condition, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return _database.ReadAsync("resolve model", connection => VersionRow.ResolveAsync(connection, uri, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return _watch.WatchAsync(this, uri, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> ReadVersionAsync(CancellationToken cancellationToken = default) => _watch.ReadVersionAsync(cancellationToken);

    private Task<bool> ChangeAsync(string operation, Func<RegistryWriter, Task> change, CancellationToken cancellationToken) => ChangeAsync(
        operation,
        async writer =>
        {
            await change(writer).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    private async Task<T> ChangeAsync<T>(string operation, Func<RegistryWriter, Task<T>> change, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var result = await _database.WriteAsync(
            operation,
            async connection =>
            {
                var changed = await change(new RegistryWriter(connection, _database.Dialect, now)).ConfigureAwait(false);
                await _database.Dialect.AnnounceChangeAsync(connection, cancellationToken).ConfigureAwait(false);
                return changed;
            },
            cancellationToken).ConfigureAwait(false);
        _watch.Pulse();
        return result;
    }

    // Once the database is open, both complete at once.
    private ValueTask<RelationalChanges?> FindChangesAsync(CancellationToken cancellationToken)
    {
        var opening = _database.OpenAsync(cancellationToken);
        return opening.IsCompletedSuccessfully ? _database.Dialect.FindChangesAsync(cancellationToken) : OpenAndFindAsync(opening, cancellationToken);
    }

    private async ValueTask<RelationalChanges?> OpenAndFindAsync(Task opening, CancellationToken cancellationToken)
    {
        try
        {
            await opening.ConfigureAwait(false);
            return await _database.Dialect.FindChangesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is StorageException { IsTransient: true } or DbException)
        {
            // Changes cannot be heard at present; whoever asks looks for himself, and meets the error there.
            return null;
        }
    }
}
