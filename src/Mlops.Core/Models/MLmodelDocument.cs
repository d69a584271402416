using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mlops.Data;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mlops.Models;

/// <summary>The content of a file <c>MLmodel</c>: YAML as MLflow writes and reads it.</summary>
internal sealed class MLmodelDocument
{
    private const string MetadataKey = "mlops_input_columns";

    public required IReadOnlyList<KeyValuePair<string, IReadOnlyDictionary<string, object?>>> Flavors { get; init; }

    public ModelSignature? Signature { get; init; }

    public string? RunId { get; init; }

    public string? Uuid { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public byte[] ToYaml()
    {
        var root = new YamlMappingNode();
        var flavors = new YamlMappingNode();
        foreach (var (name, settings) in Flavors) flavors.Add(name, ToNode(settings));
        root.Add("flavors", flavors);
        if (Signature is not null)
        {
            // MLflow's tensor schemas do not name the columns behind a tensor, so they travel as metadata.
            var columns = new YamlMappingNode();
            foreach (var input in Signature.Inputs) columns.Add(input.Name, new YamlSequenceNode(input.Columns.Select(Text)));
            root.Add("metadata", new YamlMappingNode(Text(MetadataKey), columns));
        }

        root.Add("mlflow_version", Text("3.8.0"));
        root.Add("model_uuid", Text(Uuid ?? ""));
        if (RunId is not null) root.Add("run_id", Text(RunId));
        if (Signature is not null)
        {
            root.Add("signature", new YamlMappingNode(
                Text("inputs"), Text(ToJson(Signature.Inputs)),
                Text("outputs"), Text(ToJson(Signature.Outputs)),
                Text("params"), new YamlScalarNode("null")));
        }

        root.Add("utc_time_created", Text(CreatedAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)));
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(writer, assignAnchors: false);
        return Encoding.UTF8.GetBytes(writer.ToString().Replace("...\n", "", StringComparison.Ordinal));
    }

    public static MLmodelDocument FromYaml(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is not YamlMappingNode root)
            throw new FormatException("It is not a YAML mapping.");
        var flavors = Find(root, "flavors") as YamlMappingNode ?? throw new FormatException("It declares no flavors.");
        return new MLmodelDocument
        {
            Flavors = [.. flavors.Children.Select(pair => KeyValuePair.Create<string, IReadOnlyDictionary<string, object?>>(KeyOf(pair.Key), FromMapping(pair.Value as YamlMappingNode)))],
            Signature = ReadSignature(root),
            RunId = (Find(root, "run_id") as YamlScalarNode)?.Value,
            Uuid = (Find(root, "model_uuid") as YamlScalarNode)?.Value,
            CreatedAt = DateTimeOffset.TryParse((Find(root, "utc_time_created") as YamlScalarNode)?.Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default,
        };
    }

    private static ModelSignature? ReadSignature(YamlMappingNode root)
    {
        if (Find(root, "signature") is not YamlMappingNode signature) return null;
        var columns = Find(Find(root, "metadata") as YamlMappingNode, MetadataKey) as YamlMappingNode;
        var inputs = ReadTensors(signature, "inputs");
        var outputs = ReadTensors(signature, "outputs");
        if (inputs is null || outputs is null) return null;
        return new ModelSignature(
            inputs.Select(input => Find(columns, input.Name) is YamlSequenceNode names ? input with { Columns = [.. names.Select(KeyOf)] } : input),
            outputs);
    }

    /// <summary>Reads one side of a signature; <see langword="null"/> when it is absent or made of columns, which MLflow uses for data frames.</summary>
    private static List<TensorSpec>? ReadTensors(YamlMappingNode signature, string side)
    {
        if (Find(signature, side) is not YamlScalarNode { Value: { Length: > 0 } json } || json is "null" or "~") return null;
        var tensors = new List<TensorSpec>();
        foreach (var item in JsonNode.Parse(json)?.AsArray() ?? throw new FormatException($"The signature's {side} are not a list."))
        {
            if (item?["tensor-spec"] is not { } tensor) return null;
            var name = (string?)item["name"] ?? string.Create(CultureInfo.InvariantCulture, $"{side}_{tensors.Count}");
            var shape = tensor["shape"]?.AsArray().Select(size => (int)size!).ToArray() ?? [];
            tensors.Add(new TensorSpec(name, ParseType((string?)tensor["dtype"]), shape));
        }

        return tensors;
    }

    private static string ToJson(IReadOnlyList<TensorSpec> tensors)
    {
        var array = new JsonArray();
        foreach (var tensor in tensors)
        {
            var spec = new JsonObject
            {
                ["dtype"] = NameOf(tensor.ElementType),
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => JsonValue.Create(size))]),
            };
            array.Add((JsonNode)new JsonObject { ["name"] = tensor.Name, ["type"] = "tensor", ["tensor-spec"] = spec });
        }

        return array.ToJsonString(new JsonSerializerOptions { WriteIndented = false });
    }

    private static string NameOf(ElementType type) => type switch
    {
        ElementType.Boolean => "bool",
        ElementType.String => "str",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static ElementType ParseType(string? name) => name switch
    {
        "bool" => ElementType.Boolean,
        "str" or "object" or "string" => ElementType.String,
        _ when Enum.TryParse<ElementType>(name, ignoreCase: true, out var type) && type.IsNumeric() => type,
        _ => throw new FormatException($"The signature holds the type '{name}', which is not known."),
    };

    private static YamlNode ToNode(object? value) => value switch
    {
        null => new YamlScalarNode("null"),
        string text => Text(text),
        bool flag => new YamlScalarNode(flag ? "true" : "false"),
        IReadOnlyDictionary<string, object?> map => new YamlMappingNode(map.SelectMany(pair => new[] { Text(pair.Key), ToNode(pair.Value) })),
        System.Collections.IEnumerable list => new YamlSequenceNode(list.Cast<object?>().Select(ToNode)),
        IFormattable number => new YamlScalarNode(number.ToString(null, CultureInfo.InvariantCulture)),
        _ => throw new ArgumentException($"A flavor's setting cannot be a {value.GetType()}.", nameof(value)),
    };

    /// <summary>Text that a YAML reader would take for something else is quoted.</summary>
    private static YamlScalarNode Text(string text) => new(text) { Style = NeedsQuotes(text) ? ScalarStyle.SingleQuoted : ScalarStyle.Any };

    private static bool NeedsQuotes(string text)
        => text.Length == 0 || text is "null" or "~" or "true" or "false" || text.Contains('\n', StringComparison.Ordinal)
            || char.IsAsciiDigit(text[0]) || text[0] is '[' or '{' or '-' or '+' or '.';

    private static Dictionary<string, object?> FromMapping(YamlMappingNode? mapping)
        => mapping?.Children.ToDictionary(pair => KeyOf(pair.Key), pair => FromNode(pair.Value), StringComparer.Ordinal) ?? [];

    private static object? FromNode(YamlNode node) => node switch
    {
        YamlMappingNode mapping => FromMapping(mapping),
        YamlSequenceNode sequence => sequence.Select(FromNode).ToArray(),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" } => true,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "false" } => false,
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };

    private static YamlNode? Find(YamlMappingNode? mapping, string key)
        => mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static string KeyOf(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";
}
