using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops;
using Mlops.Artifacts;
using Mlops.State;
using Mlops.Tracking;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers experiment tracking and the model registry.</summary>
public static class TrackingMlopsBuilderExtensions
{
    /// <summary>
    /// Registers <see cref="ITracker"/>, <see cref="IModelRegistry"/>, <see cref="IModelResolver"/>, <see cref="IStateStore"/>,
    /// <see cref="IArtifactStore"/> and <see cref="TrackingHealthCheck"/>, which <c>AddHealthChecks().AddCheck&lt;TrackingHealthCheck&gt;("tracking")</c> uses. Services that the host registered before are left alone. Calling it again adds to the same registration.
    /// </summary>
    /// <remarks>Options that are out of their ranges are told when the host starts, or when the first of the services is made: an <see cref="OptionsValidationException"/> names them.</remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Chooses where things are kept: <c>t =&gt; t.UseSqlite("tracking.db")</c>.</param>
    /// <returns>The same builder.</returns>
    public static IMlopsBuilder AddTracking(this IMlopsBuilder builder, Action<TrackingBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptionsWithValidateOnStart<TrackerOptions>();
        services.AddOptionsWithValidateOnStart<RegistryOptions>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TrackerOptions>>(new OptionsCheck<TrackerOptions>(static options => options.Check())));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RegistryOptions>>(new OptionsCheck<RegistryOptions>(static options => options.Check())));
        services.TryAddSingleton(TimeProvider.System);
        configure?.Invoke(new TrackingBuilder(services));
        services.TryAddSingleton(provider => new SecretMask(provider.GetRequiredService<IOptions<TrackerOptions>>().Value.Secrets));
        services.TryAddSingleton(provider => MaskingExperimentStore.Of(Backend(provider).Experiments, provider.GetRequiredService<SecretMask>()));
        services.TryAddSingleton(provider => MaskingRunStore.Of(Backend(provider).Runs, provider.GetRequiredService<SecretMask>()));
        services.TryAddSingleton(provider => Backend(provider).Leases);
        services.TryAddSingleton(provider => Backend(provider).Metrics);
        services.TryAddSingleton(provider => MaskingModelRegistry.Of(Backend(provider).Registry, provider.GetRequiredService<SecretMask>()));
        services.TryAddSingleton<IModelResolver>(provider => new CachedModelResolver(
            provider.GetRequiredService<IModelRegistry>(), provider.GetRequiredService<IOptions<RegistryOptions>>().Value, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => Backend(provider).State);
        services.TryAddSingleton(provider => Backend(provider).Artifacts);
        services.TryAddSingleton(CreateTracker);
        services.TryAddSingleton<ITracker>(provider => provider.GetRequiredService<Tracker>());
        services.TryAddSingleton<TrackingHealthCheck>();
        return builder;
    }

    // Of the services and not of the backend: the host may have registered its own store for one of them.
    private static Tracker CreateTracker(IServiceProvider provider) => new(
        new TrackingBackend
        {
            Experiments = provider.GetRequiredService<IExperimentStore>(),
            Runs = provider.GetRequiredService<IRunStore>(),
            Leases = provider.GetRequiredService<IRunLeaseStore>(),
            Metrics = provider.GetRequiredService<IMetricAppender>(),
            Registry = provider.GetRequiredService<IModelRegistry>(),
            State = provider.GetRequiredService<IStateStore>(),
            Artifacts = provider.GetRequiredService<IArtifactStore>(),
        },
        provider.GetRequiredService<IOptions<TrackerOptions>>().Value,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetService<ILogger<Tracker>>(),
        provider.GetService<IMeterFactory>());

    private static TrackingBackend Backend(IServiceProvider provider) => provider.GetService<TrackingBackend>() ?? throw new InvalidOperationException(
        "Tracking was added without saying where things are kept. Choose a store: AddTracking(t => t.UseSqlite(\"mlops.db\")) from Mlops.Tracking.Sqlite, or AddTracking(t => t.UseInMemory()).");
}
