namespace Mlops.Tracking;

/// <summary>A model registry within this process; its content ends with it.</summary>
public sealed class InMemoryModelRegistry : IModelRegistry, IRegistryVersion
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, InMemoryModel> _models = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly RegistryWatch _watch;

    /// <summary>Creates an empty registry.</summary>
    /// <param name="options">How changes are noticed; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public InMemoryModelRegistry(RegistryOptions? options = null, TimeProvider? timeProvider = null)
    {
        _time = timeProvider ?? TimeProvider.System;
        _watch = new RegistryWatch((options ?? new RegistryOptions()).Check(), _time);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel> CreateModelAsync(string name, string description = "", IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckNew(name, description, tags);
        return ChangeAsync(
            now =>
            {
                var model = new InMemoryModel(new RegisteredModel(name, now) { Description = description, Tags = (tags ?? new Dictionary<string, string>()).SortByName() });
                return _models.TryAdd(name, model) ? model.Snapshot() : throw TrackingErrors.ModelTaken(name);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(_models.TryGetValue(name, out var model) ? model.Snapshot() : null);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel> UpdateModelAsync(string name, RegisteredModelChanges changes, CancellationToken cancellationToken = default)
    {
        RegistryRules.Check(name, changes);
        return ChangeAsync(
            now =>
            {
                var model = Get(name);
                if (changes.Name is { } next && next != name)
                {
                    if (!_models.TryAdd(next, model)) throw TrackingErrors.ModelTaken(next);
                    _models.Remove(name);
                }

                model.Update(changes, now);
                return model.Snapshot();
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteModelAsync(string name, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        return ChangeAsync(_ => _models.Remove(name) ? true : throw TrackingErrors.Model(name), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Page<RegisteredModel>> SearchModelsAsync(ModelQuery query, CancellationToken cancellationToken = default)
    {
        var plan = SearchPlan.For(query);
        cancellationToken.ThrowIfCancellationRequested();
        var hidesPrompts = RegistryRules.HidesPrompts(plan);
        RegisteredModel[] models;
        lock (_lock) models = [.. _models.Values.Select(model => model.Snapshot())];
        return Task.FromResult(plan.Find(models.Where(model => !hidesPrompts || !RegistryRules.IsPrompt(model.Tags)), ModelSearch.Accessor));
    }

    /// <inheritdoc/>
    public Task<ModelVersion> RegisterVersionAsync(string name, NewModelVersion version, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckNew(name, version);
        return ChangeAsync(
            now =>
            {
                if (!_models.TryGetValue(name, out var model)) _models[name] = model = new InMemoryModel(new RegisteredModel(name, now));
                return model.Register(version, now);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ModelVersion> UpdateVersionAsync(string name, int version, ModelVersionChanges changes, CancellationToken cancellationToken = default)
    {
        RegistryRules.Check(name, version, changes);
        return ChangeAsync(now => Get(name).UpdateVersion(version, changes, now), cancellationToken);
    }

    /// <inheritdoc/>
    public Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckVersion(name, version);
        return ChangeAsync(
            now =>
            {
                Get(name).DeleteVersion(version, now);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<Page<ModelVersion>> SearchVersionsAsync(ModelVersionQuery query, CancellationToken cancellationToken = default)
    {
        var plan = SearchPlan.For(query);
        cancellationToken.ThrowIfCancellationRequested();
        ModelVersion[] versions;
        lock (_lock) versions = [.. _models.Values.SelectMany(model => model.Versions)];
        return Task.FromResult(plan.Find(versions, ModelVersionSearch.Accessor));
    }

    /// <inheritdoc/>
    public Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition = default, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckAlias(name, alias);
        return ChangeAsync(
            now =>
            {
                Get(name).SetAlias(alias, version, condition, now);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Task.FromResult(Get(uri.Name).Resolve(uri));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return _watch.WatchAsync(this, uri, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> ReadVersionAsync(CancellationToken cancellationToken = default) => _watch.ReadVersionAsync(cancellationToken);

    private InMemoryModel Get(string name) => _models.TryGetValue(name, out var model) ? model : throw TrackingErrors.Model(name);

    private Task<T> ChangeAsync<T>(Func<DateTimeOffset, T> change, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        T result;
        lock (_lock) result = change(StoredTime.Now(_time));
        _watch.Pulse();
        return Task.FromResult(result);
    }
}
