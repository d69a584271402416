using Microsoft.Extensions.DependencyInjection.Extensions;
using Mlops;
using Mlops.Models;
using Mlops.Training;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Mlops.Training.</summary>
public static class MlopsTrainingBuilderExtensions
{
    /// <summary>Registers the flavor of the models that trainers here save, so that a host can load them. Calling it again changes nothing.</summary>
    /// <param name="builder">The builder.</param>
    /// <returns>The builder.</returns>
    public static IMlopsBuilder AddTraining(this IMlopsBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IModelFlavor, GraphModelFlavor>());
        return builder;
    }
}
