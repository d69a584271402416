using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops;
using Mlops.Models;
using Mlops.Onnx;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the loading of ONNX models.</summary>
public static class MlopsOnnxBuilderExtensions
{
    /// <summary>Adds the flavor <c>onnx</c>, so that model directories of it can be loaded. Calling it again only adds configuration.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Changes how models are run.</param>
    /// <returns>The builder.</returns>
    public static IMlopsBuilder AddOnnx(this IMlopsBuilder builder, Action<OnnxOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = builder.Services.AddOptions<OnnxOptions>();
        if (configure is not null) options.Configure(configure);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OnnxOptions>, OnnxOptionsValidator>());
        builder.Services.TryAddSingleton<OnnxOptionsByModel>();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IModelFlavor, OnnxFlavor>(
            services => new OnnxFlavor(services.GetRequiredService<OnnxOptionsByModel>().Choose, services.GetService<ILoggerFactory>())));
        return builder;
    }

    /// <summary>Adds the flavor <c>onnx</c>, and changes how one model is run. What other calls configure for all models holds for it, too, in whatever order they are made.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="modelName">The name of the registered model: <c>fraud</c> for <c>models:/fraud@champion</c>.</param>
    /// <param name="configure">Changes how the model is run. What makes no sense is told when the model is loaded.</param>
    /// <returns>The builder.</returns>
    public static IMlopsBuilder AddOnnx(this IMlopsBuilder builder, string modelName, Action<OnnxOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(modelName);
        ArgumentNullException.ThrowIfNull(configure);
        builder.AddOnnx().Services.AddSingleton(new OnnxModelOptions(modelName, configure));
        return builder;
    }
}
