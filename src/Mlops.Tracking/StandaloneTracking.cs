using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.State;

namespace Mlops.Tracking;

/// <summary>Tracking, registry, state and artifacts over stores that belong together, ready to use without a container. Safe for concurrent use.</summary>
/// <remarks>Disposing ends the runs that are still going on as <see cref="RunStatus.Failed"/> and closes the stores.</remarks>
public abstract class StandaloneTracking : IAsyncDisposable
{
    private readonly TrackingBackend _backend;

    /// <summary>Creates a tracker over stores.</summary>
    /// <param name="backend">The stores, which are disposed with this.</param>
    /// <param name="tracker">How the tracker buffers, and what is secret; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where background failures are told as well; nowhere when <see langword="null"/>.</param>
    protected StandaloneTracking(TrackingBackend backend, TrackerOptions? tracker, TimeProvider? timeProvider, ILogger<Tracker>? logger)
    {
        Tracker = new Tracker(backend, tracker, timeProvider, logger);
        Registry = MaskingModelRegistry.Of(backend.Registry, Tracker.Mask);
        _backend = backend;
    }

    /// <summary>Gets the tracker.</summary>
    public Tracker Tracker { get; }

    /// <summary>Gets the model registry.</summary>
    public IModelRegistry Registry { get; }

    /// <summary>Gets the shared state.</summary>
    public IStateStore State => _backend.State;

    /// <summary>Gets the artifact store.</summary>
    public IArtifactStore Artifacts => _backend.Artifacts;

    /// <summary>Ends the runs that are still going on as <see cref="RunStatus.Failed"/>, and closes the stores.</summary>
    /// <returns>A task that completes when that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Tracker.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await _backend.DisposeAsync().ConfigureAwait(false);
        }

        GC.SuppressFinalize(this);
    }
}
