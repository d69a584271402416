using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>How a hosted model is doing. A snapshot.</summary>
/// <param name="Name">The name under which the host serves it.</param>
/// <param name="Uri">The address it follows.</param>
/// <param name="Current">The generation that answers; <see langword="null"/> before the first one is loaded.</param>
/// <param name="Draining">Replaced generations whose last predictions or leases have not ended, the oldest first.</param>
/// <param name="LastError">Why the last attempt to load failed; <see langword="null"/> when it succeeded.</param>
public sealed record HostedModelStatus(
    string Name,
    ModelUri Uri,
    HostedModel? Current,
    IReadOnlyList<HostedModel> Draining,
    ModelLoadException? LastError);
