using System.Globalization;

namespace Mlops.Tracking;

/// <summary>The experiments of a store in memory. Guarded by the lock of the store.</summary>
internal sealed class InMemoryExperiments
{
    private readonly List<Experiment> _experiments = [];

    public Experiment Create(string name, IReadOnlyDictionary<string, string>? tags, DateTimeOffset now)
    {
        if (FindByName(name) is not null) throw TrackingErrors.ExperimentTaken(name);
        // Counted from 1: 0 is the default experiment of MLflow.
        var id = (_experiments.Count + 1).ToString(CultureInfo.InvariantCulture);
        var created = new Experiment(id, name, LifecycleStage.Active, now) { Tags = InMemoryRun.Copy(tags).SortByName() };
        _experiments.Add(created);
        return created;
    }

    public Experiment? FindByName(string name) => _experiments.Find(experiment => experiment.Name == name);

    public Experiment? FindById(string id) => _experiments.Find(experiment => experiment.Id == id);

    public IEnumerable<Experiment> All => _experiments;

    public Experiment Update(string id, ExperimentChanges changes, DateTimeOffset now)
    {
        var experiment = FindById(id) ?? throw TrackingErrors.ExperimentId(id);
        if (experiment.Stage == LifecycleStage.Deleted) throw TrackingErrors.ExperimentDeleted(experiment.Name);
        if (changes.Name is { } name && name != experiment.Name && FindByName(name) is not null) throw TrackingErrors.ExperimentTaken(name);
        var tags = InMemoryRun.Copy(experiment.Tags);
        foreach (var tag in changes.RemovedTags) tags.Remove(tag);
        foreach (var (tag, value) in changes.Tags) tags[tag] = value;
        return Replace(experiment with { Name = changes.Name ?? experiment.Name, Tags = tags.SortByName(), LastUpdatedAt = now });
    }

    /// <summary>Sets the stage; <see langword="null"/> when it is that already.</summary>
    public Experiment? SetStage(string id, LifecycleStage stage, DateTimeOffset now)
    {
        var experiment = FindById(id) ?? throw TrackingErrors.ExperimentId(id);
        return experiment.Stage == stage ? null : Replace(experiment with { Stage = stage, LastUpdatedAt = now });
    }

    private Experiment Replace(Experiment changed)
    {
        _experiments[_experiments.FindIndex(experiment => experiment.Id == changed.Id)] = changed;
        return changed;
    }
}
