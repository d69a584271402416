using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.State;

namespace Mlops.Tracking;

/// <summary>Tracking, registry, state and artifacts within this process, ready to use without a container; for tests and experiments.</summary>
/// <example><code>
/// await using var tracking = new InMemoryTracking();
/// await using var run = await tracking.Tracker.StartRunAsync("ridership");
/// </code></example>
public sealed class InMemoryTracking : IAsyncDisposable
{
    private readonly TrackingBackend _backend;
    private readonly Tracker _tracker;

    /// <summary>Creates empty stores and a tracker over them.</summary>
    /// <param name="tracker">How the tracker buffers; the defaults when <see langword="null"/>.</param>
    /// <param name="registry">How the registry notices changes; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where background failures are told as well; nowhere when <see langword="null"/>.</param>
    public InMemoryTracking(TrackerOptions? tracker = null, RegistryOptions? registry = null, TimeProvider? timeProvider = null, ILogger<Tracker>? logger = null)
    {
        _backend = TrackingBackend.InMemory(registry, timeProvider);
        _tracker = new Tracker(_backend, tracker, timeProvider, logger);
    }

    /// <summary>Gets the tracker.</summary>
    public ITracker Tracker => _tracker;

    /// <summary>Gets the model registry.</summary>
    public IModelRegistry Registry => _backend.Registry;

    /// <summary>Gets the shared state.</summary>
    public IStateStore State => _backend.State;

    /// <summary>Gets the artifact store.</summary>
    public IArtifactStore Artifacts => _backend.Artifacts;

    /// <summary>Ends the runs that are still going on as <see cref="RunStatus.Failed"/>.</summary>
    /// <returns>A task that completes when they have ended.</returns>
    public ValueTask DisposeAsync() => _tracker.DisposeAsync();
}
