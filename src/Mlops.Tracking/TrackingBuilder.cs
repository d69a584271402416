using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Mlops.Tracking;

/// <summary>Chooses where tracking keeps things; given to the callback of <c>AddTracking</c>. The last choice counts.</summary>
/// <param name="services">The services that registrations go to.</param>
public sealed class TrackingBuilder(IServiceCollection services)
{
    /// <summary>Gets the services that registrations go to.</summary>
    public IServiceCollection Services { get; } = services ?? throw new ArgumentNullException(nameof(services));

    /// <summary>Keeps everything within the process; for tests and experiments.</summary>
    /// <returns>The same builder.</returns>
    public TrackingBuilder UseInMemory() => Use(provider => TrackingBackend.InMemory(
        provider.GetRequiredService<IOptions<RegistryOptions>>().Value, provider.GetRequiredService<TimeProvider>()));

    /// <summary>Keeps everything in stores of one's own.</summary>
    /// <param name="create">Makes the stores, once, when the first of them is needed. The container disposes them.</param>
    /// <returns>The same builder.</returns>
    public TrackingBuilder Use(Func<IServiceProvider, TrackingBackend> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.Replace(ServiceDescriptor.Singleton(create));
        return this;
    }

    /// <summary>Sets how the tracker buffers what is logged.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    public TrackingBuilder Configure(Action<TrackerOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>Sets how the model registry notices changes.</summary>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same builder.</returns>
    public TrackingBuilder ConfigureRegistry(Action<RegistryOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }
}
