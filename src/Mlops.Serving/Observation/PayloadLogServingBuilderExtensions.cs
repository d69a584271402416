using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Adds a payload log to serving.</summary>
public static class PayloadLogServingBuilderExtensions
{
    /// <summary>Writes the predictions of all models to files: inputs, outputs, model, version, latency and failures. Calling it again changes the same log.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes what is written, and where.</param>
    /// <returns>The builder.</returns>
    public static ServingBuilder UsePayloadLog(this ServingBuilder builder, Action<PayloadLogOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (configure is not null) builder.Services.Configure(configure);
        builder.Services.TryAddSingleton(provider => new PayloadLog(
            provider.GetRequiredService<IOptions<PayloadLogOptions>>().Value,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILoggerFactory>(),
            provider.GetService<IMeterFactory>()));
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IPredictionObserver, PayloadLog>(provider => provider.GetRequiredService<PayloadLog>()));
        return builder;
    }
}
