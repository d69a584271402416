using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Collects the models that an application serves.</summary>
/// <param name="services">The services that registrations go to.</param>
public sealed class ServingBuilder(IServiceCollection services)
{
    /// <summary>Gets the services that registrations go to.</summary>
    public IServiceCollection Services { get; } = services ?? throw new ArgumentNullException(nameof(services));

    /// <summary>Adds a model. It is loaded when the application starts, and injected as <see cref="IPredictor"/> under the key <paramref name="name"/>.</summary>
    /// <param name="name">The name under which it is served.</param>
    /// <param name="uri">Its address: <c>models:/ridership@champion</c>.</param>
    /// <param name="configure">Changes how it is served.</param>
    /// <returns>This builder. Adding the same name and address again changes nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="FormatException">The name or the address is malformed.</exception>
    /// <exception cref="ArgumentException">The name is served from another address.</exception>
    public ServingBuilder AddModel(string name, string uri, Action<HostedModelOptions>? configure = null)
    {
        return AddModel(name, ModelSource.FromRegistry(ModelUri.Parse(uri)), configure);
    }

    /// <summary>Adds a model from any source. It is loaded when the application starts, and injected as <see cref="IPredictor"/> under the key <paramref name="name"/>.</summary>
    /// <param name="name">The name under which it is served.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="configure">Changes how it is served.</param>
    /// <returns>This builder. Adding the same name and source again changes nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="FormatException">The name is malformed.</exception>
    /// <exception cref="ArgumentException">The name is served from another source.</exception>
    public ServingBuilder AddModel(string name, ModelSource source, Action<HostedModelOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        Register(new ModelRegistration(ModelUri.CheckName(name), source, null, OptionsOf(configure)));
        return this;
    }

    /// <summary>
    /// Adds a model. It is loaded when the application starts, must fit the types then and after every swap, and is injected as
    /// <see cref="IPredictor{TInput, TOutput}"/> and as <see cref="IPredictor"/> under the key <paramref name="name"/>.
    /// </summary>
    /// <typeparam name="TInput">The input of one prediction.</typeparam>
    /// <typeparam name="TOutput">The output of one prediction.</typeparam>
    /// <param name="name">The name under which it is served.</param>
    /// <param name="uri">Its address: <c>models:/ridership@champion</c>.</param>
    /// <param name="configure">Changes how it is served.</param>
    /// <returns>This builder. Adding the same name and address again changes nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="FormatException">The name or the address is malformed.</exception>
    /// <exception cref="ArgumentException">The name is served from another address.</exception>
    public ServingBuilder AddModel<TInput, TOutput>(string name, string uri, Action<HostedModelOptions>? configure = null)
        where TInput : ITensorRow<TInput>
        where TOutput : ITensorRow<TOutput>
        => AddModel<TInput, TOutput>(name, ModelSource.FromRegistry(ModelUri.Parse(uri)), configure);

    /// <summary>
    /// Adds a model from any source. It is loaded when the application starts, must fit the types then and after every swap, and is injected as
    /// <see cref="IPredictor{TInput, TOutput}"/> and as <see cref="IPredictor"/> under the key <paramref name="name"/>.
    /// </summary>
    /// <typeparam name="TInput">The input of one prediction.</typeparam>
    /// <typeparam name="TOutput">The output of one prediction.</typeparam>
    /// <param name="name">The name under which it is served.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="configure">Changes how it is served.</param>
    /// <returns>This builder. Adding the same name and source again changes nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="FormatException">The name is malformed.</exception>
    /// <exception cref="ArgumentException">The name is served from another source.</exception>
    public ServingBuilder AddModel<TInput, TOutput>(string name, ModelSource source, Action<HostedModelOptions>? configure = null)
        where TInput : ITensorRow<TInput>
        where TOutput : ITensorRow<TOutput>
    {
        ArgumentNullException.ThrowIfNull(source);
        Register(new ModelRegistration(ModelUri.CheckName(name), source, new ModelSignature(TInput.Tensors, TOutput.Tensors), OptionsOf(configure)));
        Services.TryAddKeyedSingleton<IPredictor<TInput, TOutput>>(name, (provider, _) => provider.GetRequiredService<ModelHost>().GetTyped<TInput, TOutput>(name));
        return this;
    }

    /// <summary>Changes how the host works.</summary>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public ServingBuilder Configure(Action<ModelHostOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    /// <summary>Changes how models are fetched and loaded.</summary>
    /// <param name="configure">Changes the options.</param>
    /// <returns>This builder.</returns>
    public ServingBuilder ConfigureLoader(Action<ModelLoaderOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }

    private static HostedModelOptions OptionsOf(Action<HostedModelOptions>? configure)
    {
        var options = new HostedModelOptions();
        configure?.Invoke(options);
        options.Validate();
        return options;
    }

    private void Register(ModelRegistration registration)
    {
        foreach (var service in Services)
        {
            if (service is { IsKeyedService: false, ImplementationInstance: ModelRegistration other } && other.Name == registration.Name && !other.Source.IsSame(registration.Source))
                throw new ArgumentException($"The model '{registration.Name}' is served from {other.Source}; it cannot be served from {registration.Source} too. Choose another name.");
        }

        Services.AddSingleton(registration);
        Services.TryAddKeyedSingleton<IPredictor>(registration.Name, (provider, _) => provider.GetRequiredService<ModelHost>().Get(registration.Name));
    }
}
