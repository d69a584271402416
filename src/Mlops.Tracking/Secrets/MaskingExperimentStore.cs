namespace Mlops.Tracking;

/// <summary>Masks the secrets in the tags of experiments, and refuses names that hold some.</summary>
internal sealed class MaskingExperimentStore(IExperimentStore inner, SecretMask mask) : IExperimentStore
{
    /// <summary>Masks what goes to a store, unless that is done already.</summary>
    public static IExperimentStore Of(IExperimentStore store, SecretMask mask) => store as MaskingExperimentStore ?? new MaskingExperimentStore(store, mask);

    public async Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
    {
        TrackingLimits.CheckExperiment(name);
        // Before they are masked, which takes longer the longer they are.
        foreach (var (tag, value) in tags ?? new Dictionary<string, string>()) TrackingLimits.CheckExperimentTag(tag, value);
        return await inner.CreateExperimentAsync(mask.CheckName("an experiment", name), tags is null ? null : mask.MaskTags(tags), cancellationToken).ConfigureAwait(false);
    }

    public Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default) => inner.FindExperimentAsync(Check(name)!, cancellationToken);

    public Task<Experiment?> FindExperimentByIdAsync(string id, CancellationToken cancellationToken = default) => inner.FindExperimentByIdAsync(id, cancellationToken);

    public Task<Experiment> UpdateExperimentAsync(string id, ExperimentChanges changes, CancellationToken cancellationToken = default)
    {
        TrackingLimits.Check(changes);
        return inner.UpdateExperimentAsync(id, changes with { Name = Check(changes.Name), Tags = mask.MaskPairs(changes.Tags) }, cancellationToken);
    }

    public Task<Experiment> SetExperimentStageAsync(string id, LifecycleStage stage, CancellationToken cancellationToken = default) => inner.SetExperimentStageAsync(id, stage, cancellationToken);

    public Task<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, CancellationToken cancellationToken = default) => inner.SearchExperimentsAsync(query, cancellationToken);

    // What is too long is refused below, and need not be looked through.
    private string? Check(string? name) => name is null or { Length: > TrackingLimits.ExperimentName } ? name : mask.CheckName("an experiment", name);
}
