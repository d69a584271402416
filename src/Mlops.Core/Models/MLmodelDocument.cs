using System.Collections;
using System.Collections.Frozen;
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
    private const string ColumnsKey = "mlops_input_columns";
    private const string ClassesKey = "mlops_output_classes";

    /// <summary>What YAML 1.1 takes for a boolean or nothing, in any case.</summary>
    private static readonly FrozenSet<string> s_words =
        new[] { "null", "true", "false", "yes", "no", "on", "off", "y", "n" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public required IReadOnlyList<KeyValuePair<string, IReadOnlyDictionary<string, object?>>> Flavors { get; init; }

    public ModelSignature? Signature { get; init; }

    public string? RunId { get; init; }

    public string? Uuid { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public byte[] ToYaml()
    {
        var root = new YamlMappingNode();
        var flavors = new YamlMappingNode();
        foreach (var (name, settings) in Flavors) flavors.Add(Text(name), ToNode(settings));
        root.Add("flavors", flavors);
        if (Signature is not null)
        {
            // MLflow's tensor schemas name neither the columns behind a tensor nor the classes of its elements, so they travel as metadata.
            var metadata = new YamlMappingNode(Text(ColumnsKey), ToNode(Signature.Inputs, input => input.Columns));
            var classified = Signature.Outputs.Where(output => output.Classes.Count > 0).ToArray();
            if (classified.Length > 0) metadata.Add(Text(ClassesKey), ToNode(classified, output => output.Classes));
            root.Add("metadata", metadata);
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
        const string EndOfDocument = "...\n";
        var yaml = writer.ToString();
        return Encoding.UTF8.GetBytes(yaml.EndsWith(EndOfDocument, StringComparison.Ordinal) ? yaml[..^EndOfDocument.Length] : yaml);
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
            RunId = FindText(root, "run_id"),
            Uuid = FindText(root, "model_uuid"),
            CreatedAt = DateTimeOffset.TryParse(FindText(root, "utc_time_created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : default,
        };
    }

    private static ModelSignature? ReadSignature(YamlMappingNode root)
    {
        if (Find(root, "signature") is not YamlMappingNode signature) return null;
        var metadata = Find(root, "metadata") as YamlMappingNode;
        var (columns, classes) = (Find(metadata, ColumnsKey) as YamlMappingNode, Find(metadata, ClassesKey) as YamlMappingNode);
        var inputs = ReadTensors(signature, "inputs");
        var outputs = ReadTensors(signature, "outputs");
        if (inputs is null || outputs is null) return null;
        return new ModelSignature(
            inputs.Select(input => Find(columns, input.Name) is YamlSequenceNode names ? input with { Columns = [.. names.Select(KeyOf)] } : input),
            outputs.Select(output => Find(classes, output.Name) is YamlSequenceNode names ? output with { Classes = [.. names.Select(KeyOf)] } : output));
    }

    private static YamlMappingNode ToNode(IEnumerable<TensorSpec> tensors, Func<TensorSpec, IReadOnlyList<string>> namesOf)
        => new(tensors.SelectMany(tensor => new YamlNode[] { Text(tensor.Name), new YamlSequenceNode(namesOf(tensor).Select(Text)) }));

    /// <summary>Reads one side of a signature; <see langword="null"/> when it is absent or made of columns, which MLflow uses for data frames.</summary>
    private static List<TensorSpec>? ReadTensors(YamlMappingNode signature, string side)
    {
        if (Find(signature, side) is not YamlScalarNode { Value: { Length: > 0 } json } || json is "null" or "~") return null;
        var tensors = new List<TensorSpec>();
        foreach (var item in JsonNode.Parse(json)?.AsArray() ?? throw new FormatException($"The signature's {side} are not a list."))
        {
            if (item?["tensor-spec"] is not { } tensor) return null;
            var name = (string?)item["name"] ?? string.Create(CultureInfo.InvariantCulture, $"{side}_{tensors.Count}");
            var shape = tensor["shape"]?.AsArray().Select(size => (int?)size ?? throw new FormatException($"The signature's {side} have a shape with a hole in it.")).ToArray() ?? [];
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
        _ when Array.Find(Enum.GetValues<ElementType>(), type => type.IsNumeric() && NameOf(type) == name) is var type && NameOf(type) == name => type,
        _ => throw new FormatException($"The signature holds the type '{name}', which is not known."),
    };

    private static YamlNode ToNode(object? value) => value switch
    {
        null => new YamlScalarNode("null"),
        string text => Text(text),
        bool flag => new YamlScalarNode(flag ? "true" : "false"),
        Half or float or double or decimal => new YamlScalarNode(ToText((IFormattable)value)),
        sbyte or short or int or long or byte or ushort or uint or ulong => new YamlScalarNode(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)),
        IReadOnlyDictionary<string, object?> map => new YamlMappingNode(map.SelectMany(pair => new[] { Text(pair.Key), ToNode(pair.Value) })),
        IDictionary map => new YamlMappingNode(map.Keys.Cast<object>().SelectMany(key => new[] { ToNode(key), ToNode(map[key]) })),
        IEnumerable list => new YamlSequenceNode(list.Cast<object?>().Select(ToNode)),
        _ => throw new ArgumentException($"A flavor's setting cannot be a {value.GetType()}; use text, numbers, booleans, lists and dictionaries of these.", nameof(value)),
    };

    /// <summary>A floating-point number as every YAML reader takes it for one: YAML 1.1, and so Python, wants a point in it.</summary>
    private static string ToText(IFormattable number)
    {
        var text = number.ToString(null, CultureInfo.InvariantCulture);
        if (text is "NaN") return ".nan";
        if (text is "Infinity") return ".inf";
        if (text is "-Infinity") return "-.inf";
        if (text.Contains('.', StringComparison.Ordinal)) return text;
        var exponent = text.IndexOf('E', StringComparison.Ordinal);
        return exponent < 0 ? text + ".0" : text.Insert(exponent, ".0");
    }

    /// <summary>Text that a YAML reader could take for something else is quoted; with line breaks or control characters it is escaped.</summary>
    private static YamlScalarNode Text(string text) => new(text)
    {
        Style = text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') ? ScalarStyle.DoubleQuoted
            : IsPlain(text) ? ScalarStyle.Plain
            : ScalarStyle.SingleQuoted,
    };

    private static bool IsPlain(string text)
        => text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] == '_')
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            && !s_words.Contains(text);

    private static Dictionary<string, object?> FromMapping(YamlMappingNode? mapping)
        => mapping?.Children.ToDictionary(pair => KeyOf(pair.Key), pair => FromNode(pair.Value), StringComparer.Ordinal) ?? [];

    private static object? FromNode(YamlNode node) => node switch
    {
        YamlMappingNode mapping => FromMapping(mapping),
        YamlSequenceNode sequence => sequence.Select(FromNode).ToArray(),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" } => true,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "false" } => false,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: ".nan" or ".NaN" or ".NAN" } => double.NaN,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: ".inf" or ".Inf" or ".INF" or "+.inf" } => double.PositiveInfinity,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "-.inf" or "-.Inf" or "-.INF" } => double.NegativeInfinity,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: [not ('+' or '-' or '.' or (>= '0' and <= '9')), ..] word } => word,
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };

    private static YamlNode? Find(YamlMappingNode? mapping, string key)
        => mapping is not null && mapping.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

    private static string? FindText(YamlMappingNode root, string key)
        => Find(root, key) is YamlScalarNode { Value: { } text } scalar && !(scalar.Style == ScalarStyle.Plain && text is "" or "null" or "~") ? text : null;

    private static string KeyOf(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";
}
