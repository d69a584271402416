using Microsoft.Extensions.DependencyInjection.Extensions;
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
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IModelFlavor, OnnxFlavor>(
            services => new OnnxFlavor(services.GetRequiredService<IOptions<OnnxOptions>>().Value)));
        return builder;
    }
}
