using System.Runtime.CompilerServices;

namespace Mlops.Tracking;

/// <summary>A model registry within this process; its content ends with it.</summary>
public sealed class InMemoryModelRegistry : IModelRegistry
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _models = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly RegistryWatch _watch;

    /// <summary>Creates an empty registry.</summary>
    /// <param name="options">How changes are noticed; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    public InMemoryModelRegistry(RegistryOptions? options = null, TimeProvider? timeProvider = null)
    {
        _time = timeProvider ?? TimeProvider.System;
        _watch = new RegistryWatch(options ?? new RegistryOptions(), _time);
    }

    /// <inheritdoc/>
    public Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            return Task.FromResult(_models.TryGetValue(name, out var entry)
                ? new RegisteredModel(name, entry.CreatedAt) { Aliases = new Dictionary<string, int>(entry.Aliases, StringComparer.Ordinal) }
                : null);
        }
    }

    /// <inheritdoc/>
    public Task<ModelVersion> RegisterVersionAsync(string name, NewModelVersion version, CancellationToken cancellationToken = default)
    {
        var now = RegistryRules.CheckNew(name, version, _time);
        cancellationToken.ThrowIfCancellationRequested();
        ModelVersion registered;
        lock (_lock)
        {
            if (!_models.TryGetValue(name, out var entry)) _models[name] = entry = new Entry(now);
            registered = RegistryRules.Describe(name, entry.Versions.Count + 1, version, now);
            entry.Versions.Add(registered);
        }

        _watch.Pulse();
        return Task.FromResult(registered);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ModelVersion> ListVersionsAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        await Task.CompletedTask.ConfigureAwait(false);
        ModelVersion[] versions;
        lock (_lock) versions = _models.TryGetValue(name, out var entry) ? [.. entry.Versions] : [];
        for (var i = versions.Length - 1; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return versions[i];
        }
    }

    /// <inheritdoc/>
    public Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition = default, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckAlias(name, alias);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_models.TryGetValue(name, out var entry)) throw TrackingErrors.Model(name);
            if (version is { } wanted) entry.Find(name, wanted);
            int? present = entry.Aliases.TryGetValue(alias, out var pointsTo) ? pointsTo : null;
            if (condition.IsChecked && present != condition.Expected) throw TrackingErrors.AliasElsewhere(name, alias, present);
            if (version is { } target) entry.Aliases[alias] = target;
            else entry.Aliases.Remove(alias);
        }

        _watch.Pulse();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task SetVersionTagAsync(string name, int version, string tag, string? value, CancellationToken cancellationToken = default)
    {
        ModelUri.CheckName(name);
        TrackingLimits.CheckVersionTag(tag, value ?? "");
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_models.TryGetValue(name, out var entry)) throw TrackingErrors.Model(name);
            var found = entry.Find(name, version);
            var tags = new Dictionary<string, string>(found.Tags, StringComparer.Ordinal);
            if (value is null) tags.Remove(tag);
            else tags[tag] = value;
            entry.Versions[version - 1] = found with { Tags = tags };
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (!_models.TryGetValue(uri.Name, out var entry)) throw TrackingErrors.Model(uri.Name);
            if (uri.Version is { } version) return Task.FromResult(entry.Find(uri.Name, version));
            if (uri.Alias == ModelUri.Latest) return Task.FromResult(entry.Versions[^1]);
            return entry.Aliases.TryGetValue(uri.Alias!, out var pointsTo)
                ? Task.FromResult(entry.Find(uri.Name, pointsTo))
                : throw TrackingErrors.Alias(uri.Name, uri.Alias!);
        }
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        return _watch.WatchAsync(this, uri, cancellationToken);
    }

    private sealed class Entry(DateTimeOffset createdAt)
    {
        public DateTimeOffset CreatedAt => createdAt;

        // Version n is at n − 1.
        public List<ModelVersion> Versions { get; } = [];

        public Dictionary<string, int> Aliases { get; } = new(StringComparer.Ordinal);

        public ModelVersion Find(string name, int version)
            => version >= 1 && version <= Versions.Count ? Versions[version - 1] : throw TrackingErrors.Version(name, version);
    }
}
