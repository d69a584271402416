namespace Mlops.Tracking;

/// <summary>Masks the secrets in the names and tags of experiments. Whoever looks for a name finds what it was stored as.</summary>
internal sealed class MaskingExperimentStore(IExperimentStore inner, SecretMask mask) : IExperimentStore
{
    /// <summary>Masks what goes to a store, unless that is done already.</summary>
    public static IExperimentStore Of(IExperimentStore store, SecretMask mask) => store as MaskingExperimentStore ?? new MaskingExperimentStore(store, mask);

    public Task<Experiment> CreateExperimentAsync(string name, IReadOnlyDictionary<string, string>? tags = null, CancellationToken cancellationToken = default)
        => inner.CreateExperimentAsync(Mask(name)!, tags is null ? null : mask.MaskTags(tags), cancellationToken);

    public Task<Experiment?> FindExperimentAsync(string name, CancellationToken cancellationToken = default) => inner.FindExperimentAsync(Mask(name)!, cancellationToken);

    public Task<Experiment?> FindExperimentByIdAsync(string id, CancellationToken cancellationToken = default) => inner.FindExperimentByIdAsync(id, cancellationToken);

    public Task<Experiment> UpdateExperimentAsync(string id, ExperimentChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return inner.UpdateExperimentAsync(id, changes with { Name = Mask(changes.Name), Tags = mask.MaskPairs(changes.Tags) }, cancellationToken);
    }

    public Task<Experiment> SetExperimentStageAsync(string id, LifecycleStage stage, CancellationToken cancellationToken = default) => inner.SetExperimentStageAsync(id, stage, cancellationToken);

    public Task<Page<Experiment>> SearchExperimentsAsync(ExperimentQuery query, CancellationToken cancellationToken = default) => inner.SearchExperimentsAsync(query, cancellationToken);

    private string? Mask(string? name) => name is null ? null : mask.MaskText(name);
}
