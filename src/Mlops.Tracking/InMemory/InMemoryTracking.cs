using Microsoft.Extensions.Logging;

namespace Mlops.Tracking;

/// <summary>Tracking, registry, state and artifacts within this process, ready to use without a container; for tests and experiments.</summary>
/// <example><code>
/// await using var tracking = new InMemoryTracking();
/// await using var run = await tracking.Tracker.StartRunAsync("ridership");
/// </code></example>
public sealed class InMemoryTracking : StandaloneTracking
{
    /// <summary>Creates empty stores and a tracker over them.</summary>
    /// <param name="tracker">How the tracker buffers; the defaults when <see langword="null"/>.</param>
    /// <param name="registry">How the registry notices changes; the defaults when <see langword="null"/>.</param>
    /// <param name="timeProvider">The clock; the system's when <see langword="null"/>.</param>
    /// <param name="logger">Where background failures are told as well; nowhere when <see langword="null"/>.</param>
    public InMemoryTracking(TrackerOptions? tracker = null, RegistryOptions? registry = null, TimeProvider? timeProvider = null, ILogger<Tracker>? logger = null)
        : base(TrackingBackend.InMemory(registry, timeProvider), tracker, timeProvider, logger)
    {
    }
}
