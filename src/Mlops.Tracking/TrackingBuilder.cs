using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mlops.Tracking;

/// <summary>Chooses where tracking keeps things; given to the callback of <c>AddTracking</c>.</summary>
/// <remarks>One store is chosen. To replace a choice on purpose, in tests for instance, call <c>services.RemoveAll&lt;TrackingBackend&gt;()</c> before the next one.</remarks>
/// <param name="services">The services that registrations go to.</param>
public sealed class TrackingBuilder(IServiceCollection services)
{
    /// <summary>Gets the services that registrations go to.</summary>
    public IServiceCollection Services { get; } = services ?? throw new ArgumentNullException(nameof(services));

    /// <summary>Keeps everything within the process; for tests and experiments.</summary>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public TrackingBuilder UseInMemory() => Use(
        provider => TrackingBackend.InMemory(provider.GetRequiredService<IOptions<RegistryOptions>>().Value, provider.GetRequiredService<TimeProvider>()), nameof(UseInMemory));

    /// <summary>Keeps everything in stores of one's own.</summary>
    /// <param name="create">Makes the stores, once, when the first of them is needed. The container disposes them.</param>
    /// <param name="name">What the choice is called when another one is made beside it: the name of the method that makes it.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="InvalidOperationException">A store was chosen before.</exception>
    public TrackingBuilder Use(Func<IServiceProvider, TrackingBackend> create, string name = nameof(Use))
    {
        ArgumentNullException.ThrowIfNull(create);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Services.Any(service => service.ServiceType == typeof(TrackingBackend)))
        {
            var before = Services.Select(service => service.ImplementationInstance).OfType<Choice>().LastOrDefault()?.Name ?? "a TrackingBackend of the host";
            throw new InvalidOperationException(
                $"Tracking keeps things in one store, and two were chosen: {before}, and then {name}. Leave one of them away; to replace the first on purpose, call services.RemoveAll<TrackingBackend>() before the second.");
        }

        Services.AddSingleton(create);
        Services.AddSingleton(new Choice(name));
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

    /// <summary>What the store was chosen by.</summary>
    private sealed record Choice(string Name);
}
