using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops;
using Mlops.Artifacts;
using Mlops.Models;
using Mlops.Serving;
using Mlops.Tracking;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers model serving.</summary>
public static class MlopsServingBuilderExtensions
{
    /// <summary>
    /// Adds a <see cref="ModelHost"/> that loads its models when the application starts and stops to serve after everything else has stopped.
    /// Calling it again adds to the same host.
    /// </summary>
    /// <remarks>It finds versions and files through <see cref="IModelResolver"/> and <see cref="IArtifactStore"/>, which <c>AddTracking</c> registers – models of directories, of archives and in memory need neither –, and loads what a registered <see cref="IModelFlavor"/> can load.
    /// <c>AddHealthChecks().AddCheck&lt;ServingHealthCheck&gt;("serving", tags: ["ready"])</c> and <c>AddCheck&lt;ServingLivenessCheck&gt;("serving-live", tags: ["live"])</c> use the checks that it adds.</remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Adds models.</param>
    /// <returns>The builder.</returns>
    /// <example><code>services.AddMlops().AddTracking(…).AddServing(s => s.AddModel&lt;Day, Rides&gt;("ridership", "models:/ridership@champion"));</code></example>
    public static IMlopsBuilder AddServing(this IMlopsBuilder builder, Action<ServingBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions();
        services.TryAddSingleton<IModelLoader>(CreateLoader);
        services.TryAddSingleton(CreateHost);
        services.TryAddSingleton<ServingHealthCheck>();
        services.TryAddSingleton<ServingLivenessCheck>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ModelHostService>());
        configure?.Invoke(new ServingBuilder(services));
        return builder;
    }

    private static ModelLoader CreateLoader(IServiceProvider provider)
    {
        var flavors = provider.GetServices<IModelFlavor>();
        var options = provider.GetRequiredService<IOptions<ModelLoaderOptions>>().Value;
        var time = provider.GetService<TimeProvider>();
        var loggers = provider.GetService<ILoggerFactory>();
        if (provider.GetService<IArtifactStore>() is { } artifacts) return new ModelLoader(artifacts, flavors, options, time, loggers);
        return NeedsRegistry(provider) ? throw Missing(nameof(IArtifactStore)) : new ModelLoader(flavors, options, time, loggers);
    }

    private static ModelHost CreateHost(IServiceProvider provider)
    {
        var resolver = provider.GetService<IModelResolver>() ?? provider.GetService<IModelRegistry>();
        if (resolver is null && NeedsRegistry(provider)) throw Missing(nameof(IModelResolver));
        var loader = provider.GetRequiredService<IModelLoader>();
        var options = provider.GetRequiredService<IOptions<ModelHostOptions>>().Value;
        var observers = provider.GetServices<IPredictionObserver>();
        var time = provider.GetService<TimeProvider>();
        var loggers = provider.GetService<ILoggerFactory>();
        var meters = provider.GetService<IMeterFactory>();
        var host = resolver is null ? new ModelHost(loader, options, observers, time, loggers, meters) : new ModelHost(resolver, loader, options, observers, time, loggers, meters);
        foreach (var observer in provider.GetServices<IModelSwapObserver>()) host.OnSwapped(observer.OnSwapped);
        foreach (var registration in provider.GetServices<ModelRegistration>())
        {
            var slot = host.Declare(registration.Name, registration.Source, registration.Options);
            if (registration.Contract is not null) slot.Generations.Require(registration.Contract, isFirm: true);
        }

        return host;
    }

    /// <summary>Whether a model comes from the registry; also when none is known yet, since most do.</summary>
    private static bool NeedsRegistry(IServiceProvider provider)
    {
        var registrations = provider.GetServices<ModelRegistration>().ToList();
        return registrations.Count == 0 || registrations.Exists(registration => registration.Source.Uri is not null);
    }

    private static InvalidOperationException Missing(string contract)
        => new($"Serving needs an {contract}, and none is registered. Call AddTracking(…) on the same builder, or register one.");
}
