namespace Mlops.Tracking;

/// <summary>Masks the secrets in what is written to runs, and refuses names of experiments and datasets that hold some.</summary>
internal sealed class MaskingRunStore(IRunStore inner, SecretMask mask) : IRunStore
{
    /// <summary>Masks what goes to a store, unless that is done already.</summary>
    public static IRunStore Of(IRunStore store, SecretMask mask) => store as MaskingRunStore ?? new MaskingRunStore(store, mask);

    /// <summary>Gets the store itself, for who has masked before.</summary>
    public static IRunStore Within(IRunStore store) => store is MaskingRunStore masking ? masking.Inner : store;

    private IRunStore Inner => inner;

    public Task CreateRunAsync(RunSnapshot run, RunLease? lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        // Before it is masked, which takes longer the longer it is.
        RunRules.CheckNew(run);
        return inner.CreateRunAsync(
            run with { Name = mask.MaskText(run.Name), Params = mask.MaskTags(run.Params), Tags = mask.MaskTags(run.Tags), Inputs = mask.MaskInputs(run.Inputs) }, lease, cancellationToken);
    }

    public Task UpdateRunAsync(string runId, RunChanges changes, CancellationToken cancellationToken = default)
    {
        RunRules.Check(runId, changes);
        var masked = changes with
        {
            Name = changes.Name is null ? null : mask.MaskText(changes.Name),
            Params = [.. changes.Params.Select(param => param with { Value = mask.MaskValue(param.Name, param.Value) })],
            Tags = mask.MaskPairs(changes.Tags),
            Inputs = mask.MaskInputs(changes.Inputs),
        };
        return inner.UpdateRunAsync(runId, masked, cancellationToken);
    }

    public Task ResumeRunAsync(string runId, RunLease lease, CancellationToken cancellationToken = default) => inner.ResumeRunAsync(runId, lease, cancellationToken);

    public Task SetRunStageAsync(string runId, LifecycleStage stage, CancellationToken cancellationToken = default) => inner.SetRunStageAsync(runId, stage, cancellationToken);

    public Task<RunSnapshot?> FindRunAsync(string runId, CancellationToken cancellationToken = default) => inner.FindRunAsync(runId, cancellationToken);

    public Task<Page<RunSnapshot>> SearchRunsAsync(RunQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        foreach (var name in query.Experiments)
        {
            if (name is { Length: <= TrackingLimits.ExperimentName }) mask.CheckName("an experiment", name);
        }

        return inner.SearchRunsAsync(query, cancellationToken);
    }
}
