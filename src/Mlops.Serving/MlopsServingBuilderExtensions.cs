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
    /// <remarks>It finds versions and files through <see cref="IModelResolver"/> and <see cref="IArtifactStore"/>, which <c>AddTracking</c> registers, and loads what a registered <see cref="IModelFlavor"/> can load.</remarks>
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, ModelHostService>());
        configure?.Invoke(new ServingBuilder(services));
        return builder;
    }

    private static ModelLoader CreateLoader(IServiceProvider provider) => new(
        provider.GetService<IArtifactStore>() ?? throw Missing(nameof(IArtifactStore)),
        provider.GetServices<IModelFlavor>(),
        provider.GetRequiredService<IOptions<ModelLoaderOptions>>().Value,
        provider.GetService<TimeProvider>(),
        provider.GetService<ILoggerFactory>());

    private static ModelHost CreateHost(IServiceProvider provider)
    {
        var host = new ModelHost(
            provider.GetService<IModelResolver>() ?? provider.GetService<IModelRegistry>() ?? throw Missing(nameof(IModelResolver)),
            provider.GetRequiredService<IModelLoader>(),
            provider.GetRequiredService<IOptions<ModelHostOptions>>().Value,
            provider.GetServices<IPredictionObserver>(),
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>());
        foreach (var observer in provider.GetServices<IModelSwapObserver>()) host.OnSwapped(observer.OnSwapped);
        foreach (var registration in provider.GetServices<ModelRegistration>())
        {
            var slot = host.Declare(registration.Name, registration.Source, registration.Options, out _);
            if (registration.Contract is not null) slot.Require(registration.Contract);
        }

        return host;
    }

    private static InvalidOperationException Missing(string contract)
        => new($"Serving needs an {contract}, and none is registered. Call AddTracking(…) on the same builder, or register one.");
}
