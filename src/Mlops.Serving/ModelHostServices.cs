using Microsoft.Extensions.Logging;
using Mlops.Models;
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
    ILogger Logger,
    Action<ModelSwap> OnSwapped)
{
    /// <summary>What the batches of all models share.</summary>
    public ComputeBudget Budget { get; } = Options.ComputeBudget ?? new ComputeBudget(Environment.ProcessorCount);
}
