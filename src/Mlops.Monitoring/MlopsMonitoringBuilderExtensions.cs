using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops;
using Mlops.Monitoring;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers monitoring.</summary>
public static class MlopsMonitoringBuilderExtensions
{
    /// <summary>Adds monitoring. Calling it again adds to the same registration.</summary>
    /// <param name="builder">The builder that <c>services.AddMlops()</c> returns.</param>
    /// <param name="configure">Adds models, and says what their alerts do.</param>
    /// <returns>The builder.</returns>
    /// <remarks>
    /// While the application runs, each model is evaluated at its <see cref="ModelMonitorOptions.EvaluationInterval"/> and its alerts are handled. A model that
    /// <c>AddServing</c> serves under the same name is compared with the training data of the version that answers.
    /// </remarks>
    public static IMlopsBuilder AddMonitoring(this IMlopsBuilder builder, Action<MonitoringBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(provider => new MonitoringLoop(
            provider.GetServices<MonitoredModel>(), provider.GetService<TimeProvider>(), provider.GetService<ILogger<MonitoringLoop>>(), provider.GetService<IMeterFactory>()));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MonitoringService>());
        configure?.Invoke(new MonitoringBuilder(builder.Services));
        return builder;
    }
}
