using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>What is different for one model.</summary>
/// <param name="ModelName">The name of the model.</param>
/// <param name="Configure">Changes the options that all models have.</param>
internal sealed record OnnxModelOptions(string ModelName, Action<OnnxOptions> Configure);

/// <summary>Gives each model the options of all models, with what is different for it.</summary>
/// <param name="common">The options of all models.</param>
/// <param name="factory">Makes them anew, so that they can be changed for one.</param>
/// <param name="own">What is different, in the order in which it was asked for.</param>
internal sealed class OnnxOptionsByModel(IOptions<OnnxOptions> common, IOptionsFactory<OnnxOptions> factory, IEnumerable<OnnxModelOptions> own)
{
    private readonly ILookup<string, OnnxModelOptions> _own = own.ToLookup(options => options.ModelName, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, OnnxOptions> _made = new(StringComparer.Ordinal);

    public OnnxOptions Choose(ModelDirectory source)
        => source.Name is { } name && _own.Contains(name) ? _made.GetOrAdd(name, Make) : common.Value;

    private OnnxOptions Make(string name)
    {
        var options = factory.Create(Options.DefaultName);
        foreach (var different in _own[name]) different.Configure(options);
        return OnnxOptionsValidator.FindMistake(options) is { } mistake
            ? throw new OptionsValidationException(name, typeof(OnnxOptions), [$"The options of the model '{name}': {mistake}"])
            : options;
    }
}
