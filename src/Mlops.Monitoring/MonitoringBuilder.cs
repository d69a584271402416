using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops.Models;
using Mlops.Triggers;

namespace Mlops.Monitoring;

/// <summary>Collects the models that are watched, and what their alerts do.</summary>
public sealed class MonitoringBuilder
{
    internal MonitoringBuilder(IServiceCollection services) => Services = services;

    /// <summary>Gets the services that registrations go to.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a model. Its <see cref="ModelMonitor"/> and <see cref="AlertEngine"/> are keyed by its name, and the monitor is told of the predictions and swaps of the model that is served under the name.</summary>
    /// <param name="model">The name of the model. Adding it again changes its options further.</param>
    /// <param name="configure">Sets its options.</param>
    /// <returns>This builder.</returns>
    public MonitoringBuilder AddModel(string model, Action<ModelMonitorOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        var options = Services.AddOptionsWithValidateOnStart<ModelMonitorOptions>(model);
        if (configure is not null) options.Configure(configure);
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ModelMonitorOptions>, ModelMonitorOptionsValidator>());
        if (Services.Any(service => service.ServiceType == typeof(ModelMonitor) && Equals(service.ServiceKey, model))) return this;
        Services.AddKeyedSingleton(model, static (provider, key) => new ModelMonitor(
            (string)key!, GetOptions(provider, key), provider.GetService<TimeProvider>(), provider.GetService<ILogger<ModelMonitor>>()));
        Services.AddKeyedSingleton(model, static (provider, key) => new AlertEngine(
            provider.GetKeyedServices<IAlertSink>(key), GetOptions(provider, key).Alerts, provider.GetService<TimeProvider>(), provider.GetService<ILogger<AlertEngine>>()));
        Services.AddSingleton<IPredictionObserver>(provider => provider.GetRequiredKeyedService<ModelMonitor>(model));
        Services.AddSingleton<IModelSwapObserver>(provider => provider.GetRequiredKeyedService<ModelMonitor>(model));
        Services.AddSingleton(provider => new MonitoredModel(provider.GetRequiredKeyedService<ModelMonitor>(model), provider.GetRequiredKeyedService<AlertEngine>(model)));
        return this;
    }

    /// <summary>Fires a trigger for every alert of a model.</summary>
    /// <param name="model">The name of the model.</param>
    /// <param name="trigger">Gets the trigger.</param>
    /// <returns>This builder.</returns>
    public MonitoringBuilder OnAlert(string model, Func<IServiceProvider, ITrigger> trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return OnAlert(model, provider => new TriggerAlertSink(trigger(provider)));
    }

    /// <summary>Fires a trigger for every alert of a model.</summary>
    /// <param name="model">The name of the model.</param>
    /// <param name="trigger">The trigger.</param>
    /// <returns>This builder.</returns>
    public MonitoringBuilder OnAlert(string model, ITrigger trigger)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return OnAlert(model, _ => new TriggerAlertSink(trigger));
    }

    /// <summary>Tells a sink of every alert of a model.</summary>
    /// <param name="model">The name of the model.</param>
    /// <param name="sink">Gets the sink.</param>
    /// <returns>This builder.</returns>
    public MonitoringBuilder OnAlert(string model, Func<IServiceProvider, IAlertSink> sink)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        ArgumentNullException.ThrowIfNull(sink);
        Services.AddKeyedSingleton(model, (provider, _) => sink(provider));
        return this;
    }

    private static ModelMonitorOptions GetOptions(IServiceProvider provider, object? key)
        => provider.GetRequiredService<IOptionsMonitor<ModelMonitorOptions>>().Get((string)key!);
}
