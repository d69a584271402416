using System.Text.Json;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Gives the inputs of a model their columns, and its outputs their classes, of which ONNX itself knows nothing.</summary>
internal static class SignatureNames
{
    /// <summary>Applies what the model itself says and, where it says nothing, what a model directory does.</summary>
    /// <exception cref="ModelLoadException">The metadata of the model cannot be read.</exception>
    public static ModelSignature Apply(ModelSignature signature, PreparedModel prepared, OnnxMetadata metadata, ModelSignature? saved, string modelName)
        => Apply(Apply(signature, prepared.Classes, metadata, modelName), saved);

    private static ModelSignature Apply(ModelSignature signature, IReadOnlyDictionary<string, string[]> mapped, OnnxMetadata metadata, string modelName)
    {
        var columns = Read(metadata, OnnxMetadata.InputColumnsKey, modelName);
        var classes = Read(metadata, OnnxMetadata.OutputClassesKey, modelName);
        foreach (var (name, found) in mapped) classes.TryAdd(name, found);
        if (columns.Count + classes.Count == 0) return signature;
        return new ModelSignature(
            signature.Inputs.Select(input => columns.TryGetValue(input.Name, out var names) ? input with { Columns = names } : input),
            signature.Outputs.Select(output => classes.TryGetValue(output.Name, out var names) ? output with { Classes = names } : output));
    }

    private static ModelSignature Apply(ModelSignature signature, ModelSignature? saved)
    {
        if (saved is null) return signature;
        return new ModelSignature(
            signature.Inputs.Any(input => input.Columns.Count > 0)
                ? signature.Inputs
                : signature.Inputs.Select(input => saved.Inputs.FirstOrDefault(other => other.Name == input.Name) is { } other ? input with { Columns = other.Columns } : input),
            signature.Outputs.Any(output => output.Classes.Count > 0)
                ? signature.Outputs
                : signature.Outputs.Select(output => saved.Outputs.FirstOrDefault(other => other.Name == output.Name) is { } other ? output with { Classes = other.Classes } : output));
    }

    private static Dictionary<string, string[]> Read(OnnxMetadata metadata, string key, string modelName)
    {
        if (!metadata.Properties.TryGetValue(key, out var json)) return [];
        try
        {
            return JsonSerializer.Deserialize(json, OnnxJson.Default.DictionaryStringStringArray) ?? [];
        }
        catch (JsonException error)
        {
            throw new ModelLoadException(modelName, $"The model's metadata '{key}' cannot be read: {error.Message} Export the model again.", error);
        }
    }
}
