using Mlops.Models;
using Mlops.Profiles;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>One load of a version: its room in memory, its files, the model, and what it must pass. It touches nothing of the slot it is for, so that it can be let go when it hangs.</summary>
internal sealed class ModelLoad(ModelVersion version, IModelFeed feed, MemoryReservation memory, CallerContract callers, HostedModelOptions options, ModelHostServices services, LoadSteps steps)
{
    public ModelVersion Version => version;

    /// <summary>Gets whether the models in memory kept to the budget when this one had been made.</summary>
    public bool IsWithinBudget { get; private set; }

    /// <summary>Gets what the model says that it takes, once it has been made.</summary>
    public long SizeBytes { get; private set; }

    /// <summary>Gets what the version took when it was loaded before; <see langword="null"/> when nobody knows.</summary>
    public long? ExpectedBytes { get; init; }

    /// <summary>Makes the exception of a version that must not serve.</summary>
    public required Func<CheckFailure, ModelLoadException> Refuse { get; init; }

    /// <summary>Is given what was made and will not serve.</summary>
    public required Func<LoadedModel, IPredictor?, Task> Discard { get; init; }

    /// <summary>Loads and checks.</summary>
    /// <exception cref="ModelLoadException">It cannot be loaded, or must not serve.</exception>
    public async Task<CheckedModel> RunAsync(CancellationToken cancellationToken)
    {
        var loaded = await MakeAsync(cancellationToken).ConfigureAwait(false);
        IPredictor? predictor = null;
        try
        {
            SizeBytes = MemoryBudget.SizeOf(loaded);
            IsWithinBudget = await memory.ConfirmAsync(SizeBytes, cancellationToken).ConfigureAwait(false);
            steps.Enter(ModelLoadStep.CheckingSignature, version);
            var signature = loaded.Model.Signature;
            if (callers.FindIncompatibility(signature) is { } incompatibility) throw Refuse(new CheckFailure(callers.Unfit(incompatibility)));
            predictor = loaded.Model.CreatePredictor();
            var checks = new GenerationChecks(predictor, callers.Combine(signature), loaded.Directory, services.Options, step => steps.Enter(step, version));
            if (await checks.FindFailureAsync(options.FindWarmUpBatches(), cancellationToken).ConfigureAwait(false) is { } failure) throw Refuse(failure);
            var profile = loaded.Directory is null ? null : await loaded.Directory.ReadProfileAsync(cancellationToken).ConfigureAwait(false);
            return new CheckedModel(loaded, predictor, profile);
        }
        catch
        {
            await Discard(loaded, predictor).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<LoadedModel> MakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var loaded = await feed.LoadAsync(version, ReserveAsync, cancellationToken).ConfigureAwait(false);
            steps.IsFetched = true;
            loaded.OnDisposed(memory.Dispose);
            return loaded;
        }
        catch
        {
            memory.Dispose();
            throw;
        }

        Task ReserveAsync(ModelDirectory? directory)
        {
            steps.IsFetched = directory is not null;
            return memory.ReserveAsync(ExpectedBytes ?? (directory is null ? 0 : MemoryBudget.SizeOf(directory)), cancellationToken);
        }
    }
}

/// <summary>A model that has passed its checks and is not served yet.</summary>
internal sealed record CheckedModel(LoadedModel Loaded, IPredictor Predictor, DatasetProfile? Profile);
