namespace Mlops.Tracking;

/// <summary>Masks the secrets in the descriptions, tags and code versions of models and their versions, and refuses sources that hold credentials. Names and aliases stay as they are, because models are found by them.</summary>
internal class MaskingModelRegistry : IModelRegistry
{
    private readonly IModelRegistry _inner;
    private readonly SecretMask _mask;

    private MaskingModelRegistry(IModelRegistry inner, SecretMask mask) => (_inner, _mask) = (inner, mask);

    /// <summary>Masks what goes to a registry; the result tells of changes when that one does.</summary>
    public static IModelRegistry Of(IModelRegistry inner, SecretMask mask)
        => inner is IRegistryVersion version ? new Versioned(inner, version, mask) : new MaskingModelRegistry(inner, mask);

    public Task<RegisteredModel> CreateModelAsync(string name, string description = "", IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        // Here as below before it is masked, which takes longer the longer it is.
        RegistryRules.CheckNew(name, description, tags);
        return _inner.CreateModelAsync(name, _mask.MaskText(description), tags is null ? null : _mask.MaskTags(tags), cancellationToken);
    }

    public Task<RegisteredModel?> FindModelAsync(string name, CancellationToken cancellationToken = default) => _inner.FindModelAsync(name, cancellationToken);

    public Task<RegisteredModel> UpdateModelAsync(string name, RegisteredModelChanges changes, CancellationToken cancellationToken = default)
    {
        RegistryRules.Check(name, changes);
        return _inner.UpdateModelAsync(name, changes with { Description = MaskDescription(changes.Description), Tags = _mask.MaskPairs(changes.Tags) }, cancellationToken);
    }

    public Task DeleteModelAsync(string name, CancellationToken cancellationToken = default) => _inner.DeleteModelAsync(name, cancellationToken);

    public Task<Page<RegisteredModel>> SearchModelsAsync(ModelQuery query, CancellationToken cancellationToken = default) => _inner.SearchModelsAsync(query, cancellationToken);

    public Task<ModelVersion> RegisterVersionAsync(string name, NewModelVersion version, CancellationToken cancellationToken = default)
    {
        RegistryRules.CheckNew(name, version);
        // As it is given, or not at all: what is loaded by it would not be found by another one.
        SourceCredentials.Check(_mask, version.Source);
        var masked = version with
        {
            Lineage = version.Lineage with { CodeVersion = version.Lineage.CodeVersion is { } code ? _mask.MaskText(code) : null },
            Description = _mask.MaskText(version.Description),
            Tags = _mask.MaskTags(version.Tags),
        };
        return _inner.RegisterVersionAsync(name, masked, cancellationToken);
    }

    public Task<ModelVersion> UpdateVersionAsync(string name, int version, ModelVersionChanges changes, CancellationToken cancellationToken = default)
    {
        RegistryRules.Check(name, version, changes);
        return _inner.UpdateVersionAsync(name, version, changes with { Description = MaskDescription(changes.Description), Tags = _mask.MaskPairs(changes.Tags) }, cancellationToken);
    }

    public Task DeleteVersionAsync(string name, int version, CancellationToken cancellationToken = default) => _inner.DeleteVersionAsync(name, version, cancellationToken);

    public Task<Page<ModelVersion>> SearchVersionsAsync(ModelVersionQuery query, CancellationToken cancellationToken = default) => _inner.SearchVersionsAsync(query, cancellationToken);

    public Task SetAliasAsync(string name, string alias, int? version, AliasCondition condition = default, CancellationToken cancellationToken = default)
        => _inner.SetAliasAsync(name, alias, version, condition, cancellationToken);

    public Task<ModelVersion> ResolveAsync(ModelUri uri, CancellationToken cancellationToken = default) => _inner.ResolveAsync(uri, cancellationToken);

    public IAsyncEnumerable<ModelVersion> WatchAsync(ModelUri uri, CancellationToken cancellationToken = default) => _inner.WatchAsync(uri, cancellationToken);

    private string? MaskDescription(string? description) => description is null ? null : _mask.MaskText(description);

    private sealed class Versioned(IModelRegistry inner, IRegistryVersion version, SecretMask mask) : MaskingModelRegistry(inner, mask), IRegistryVersion
    {
        public ValueTask<long?> ReadVersionAsync(CancellationToken cancellationToken = default) => version.ReadVersionAsync(cancellationToken);
    }
}
