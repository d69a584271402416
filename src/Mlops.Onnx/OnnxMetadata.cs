using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Mlops.Onnx;

/// <summary>What an ONNX model says about itself. Immutable.</summary>
public sealed record OnnxMetadata
{
    /// <summary>The key of <see cref="Properties"/> under which the dataset columns behind each input are kept, as a JSON object of lists.</summary>
    public const string InputColumnsKey = "mlops_input_columns";

    /// <summary>The key of <see cref="Properties"/> under which the classes of the elements of each output of probabilities are kept, as a JSON object of lists.</summary>
    public const string OutputClassesKey = "mlops_output_classes";

    /// <summary>Gets the tool that made the model; empty when it does not say.</summary>
    public string ProducerName { get; init; } = "";

    /// <summary>Gets the name of the graph; empty when it has none.</summary>
    public string GraphName { get; init; } = "";

    /// <summary>Gets the namespace of the model, a reversed domain name; empty when it has none.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Gets the documentation of the model; empty when there is none.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the version that the model's maker gave it.</summary>
    public long Version { get; init; }

    /// <summary>Gets the model's own properties.</summary>
    /// <value>The default value is empty.</value>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = ReadOnlyDictionary<string, string>.Empty;
}

[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class OnnxJson : JsonSerializerContext;
