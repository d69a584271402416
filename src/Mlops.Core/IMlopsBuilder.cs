using Microsoft.Extensions.DependencyInjection;

namespace Mlops;

/// <summary>Collects the registrations of Mlops packages; returned by <c>services.AddMlops()</c>.</summary>
public interface IMlopsBuilder
{
    /// <summary>Gets the services that registrations go to.</summary>
    IServiceCollection Services { get; }
}
