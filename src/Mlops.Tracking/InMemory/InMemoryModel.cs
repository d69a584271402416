namespace Mlops.Tracking;

/// <summary>A registered model within this process. Its registry serialises the calls.</summary>
internal sealed class InMemoryModel(RegisteredModel model)
{
    // Those that were deleted are gone from here, though their numbers stay used.
    private readonly SortedDictionary<int, ModelVersion> _versions = [];
    private readonly Dictionary<string, int> _aliases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _requests = new(StringComparer.Ordinal);
    private RegisteredModel _model = model;
    private int _lastVersion;

    public IReadOnlyCollection<ModelVersion> Versions => _versions.Values;

    public RegisteredModel Snapshot() => _model with
    {
        Aliases = _aliases.SortByName(),
        LatestVersions = _versions.Values.GroupBy(version => version.Stage).OrderBy(stage => stage.Key).ToDictionary(stage => stage.Key, stage => stage.Max(version => version.Version)),
    };

    public void Update(RegisteredModelChanges changes, DateTimeOffset now)
    {
        _model = _model with
        {
            Name = changes.Name ?? _model.Name,
            Description = changes.Description ?? _model.Description,
            Tags = RegistryRules.Change(_model.Tags, changes.Tags, changes.RemovedTags),
            LastUpdatedAt = now,
        };
        if (changes.Name is null) return;
        foreach (var (number, version) in _versions.ToArray()) _versions[number] = version with { Name = changes.Name };
    }

    public ModelVersion Register(NewModelVersion version, DateTimeOffset now)
    {
        if (version.RequestKey is { } key)
        {
            if (_requests.TryGetValue(key, out var present)) return RegistryRules.CheckSame(Find(present), version);
            _requests[key] = _lastVersion + 1;
        }

        _model = _model with { LastUpdatedAt = now };
        return _versions[++_lastVersion] = RegistryRules.Describe(_model.Name, _lastVersion, version, now);
    }

    public ModelVersion UpdateVersion(int number, ModelVersionChanges changes, DateTimeOffset now)
    {
        var version = Find(number);
        if (changes.ArchiveExisting)
        {
            foreach (var other in _versions.Values.Where(other => other.Stage == changes.Stage && other.Version != number).ToArray())
                _versions[other.Version] = other with { Stage = ModelStage.Archived, LastUpdatedAt = now };
        }

        _model = _model with { LastUpdatedAt = now };
        return _versions[number] = version with
        {
            Description = changes.Description ?? version.Description,
            Stage = changes.Stage ?? version.Stage,
            Tags = RegistryRules.Change(version.Tags, changes.Tags, changes.RemovedTags),
            LastUpdatedAt = now,
        };
    }

    public void DeleteVersion(int number, DateTimeOffset now)
    {
        Find(number);
        _versions.Remove(number);
        foreach (var key in _requests.Where(request => request.Value == number).Select(request => request.Key).ToArray()) _requests.Remove(key);
        foreach (var alias in _aliases.Where(alias => alias.Value == number).Select(alias => alias.Key).ToArray()) _aliases.Remove(alias);
        _model = _model with { LastUpdatedAt = now };
    }

    public void SetAlias(string alias, int? version, AliasCondition condition, DateTimeOffset now)
    {
        if (version is { } wanted) Find(wanted);
        int? present = _aliases.TryGetValue(alias, out var pointsTo) ? pointsTo : null;
        if (condition.IsChecked && present != condition.Expected) throw TrackingErrors.AliasElsewhere(_model.Name, alias, present);
        if (version is { } target) _aliases[alias] = target;
        else _aliases.Remove(alias);
        _model = _model with { LastUpdatedAt = now };
    }

    public ModelVersion Resolve(ModelUri uri)
    {
        if (uri.Version is { } version) return Find(version);
        if (uri.Stage is { } stage)
            return _versions.Values.LastOrDefault(candidate => candidate.Stage == stage) ?? throw TrackingErrors.Stage(_model.Name, stage);
        if (uri.Alias == ModelUri.Latest) return _versions.Count > 0 ? _versions.Values.Last() : throw TrackingErrors.NoVersions(_model.Name);
        return _aliases.TryGetValue(uri.Alias!, out var pointsTo) ? Find(pointsTo) : throw TrackingErrors.Alias(_model.Name, uri.Alias!);
    }

    private ModelVersion Find(int version) => _versions.TryGetValue(version, out var found) ? found : throw TrackingErrors.Version(_model.Name, version);
}
