using Microsoft.Extensions.DependencyInjection.Extensions;
using Mlops;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Mlops in a service collection.</summary>
public static class MlopsServiceCollectionExtensions
{
    /// <summary>Begins the registration of Mlops packages. Calling it again adds to the same registration.</summary>
    /// <param name="services">The services.</param>
    /// <returns>The builder on which each package adds itself: <c>AddTracking</c>, <c>AddServing</c>, <c>AddMonitoring</c>.</returns>
    public static IMlopsBuilder AddMlops(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(TimeProvider.System);
        return new MlopsBuilder(services);
    }

    private sealed record MlopsBuilder(IServiceCollection Services) : IMlopsBuilder;
}
