using Microsoft.Extensions.Logging;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>What a host shares with its slots.</summary>
internal sealed record ModelHostServices(
    IModelResolver? Resolver,
    IModelLoader Loader,
    ModelHostOptions Options,
    PredictionObservers Observers,
    ServingTelemetry Telemetry,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>What the models of the host take of memory.</summary>
    public MemoryBudget Memory { get; } = new(Options.MemoryBudgetBytes, Telemetry, Time);

    /// <summary>How many loads are going on at once.</summary>
    public LoadLimit Loads { get; } = new(Options.MaxConcurrentLoads);

    /// <summary>What all followed directories share.</summary>
    public FileWatchLimit FileWatches { get; } = new();

    /// <summary>Who is told of swaps.</summary>
    public required SwapSubscriptions Swaps { get; init; }

    /// <summary>Finds calls that hang.</summary>
    public required HangWatch Watch { get; init; }

    /// <summary>What the batches of all models share.</summary>
    public ComputeBudget Budget { get; } = Options.ComputeBudget ?? new ComputeBudget(Environment.ProcessorCount);

    /// <summary>Gets the loader that knows more than versions of a registry.</summary>
    public ModelLoader RequireModelLoader(string name, ModelSource source)
        => Loader as ModelLoader ?? throw new InvalidOperationException($"The model '{name}' comes from {source}, which only a {nameof(ModelLoader)} can load. Give one to the {nameof(ModelHost)}.");
}
