using System.Collections.ObjectModel;
using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Makes the file of a model ready for an evaluator: lets outputs end in front of a ZipMap or SequenceConstruct, and refuses weights that lie elsewhere.</summary>
/// <remarks>
/// <para>ZipMap, with which converters end classifiers, makes a map of class to probability of each row. A tensor of probabilities and the names of its classes say the same:
/// an Identity takes the place of the node, so that the output is a tensor and can be written in place. SequenceConstruct, with which classifiers of several labels end, makes
/// a sequence of a tensor for each label: each becomes an output of its own, <c>name.0</c>, <c>name.1</c>, ….</para>
/// <para>Source: onnx.proto of the ONNX project; the numbers are those of its fields.</para>
/// </remarks>
internal sealed class ModelPreparation
{
    private const int Graph = 7;
    private const int Node = 1;
    private const int Output = 12;

    /// <summary>Graphs within graphs; what is nested deeper is left to the evaluator, which refuses it.</summary>
    private const int MaxDepth = 32;

    private readonly byte[] _bytes;
    private readonly string _modelName;
    private readonly HashSet<string> _consumed = new(StringComparer.Ordinal), _written = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Range Place, NodeMessage Node)> _ends = new(StringComparer.Ordinal);
    private readonly List<(Range Place, ProtobufWriter Fields)> _changes = [];
    private readonly Dictionary<string, string[]> _classes = new(StringComparer.Ordinal);
    private readonly List<(Range Place, ValueMessage Value)> _outputs = [];

    private ModelPreparation(byte[] bytes, string modelName) => (_bytes, _modelName) = (bytes, modelName);

    /// <summary>Prepares a model; where there is nothing to change, its bytes are given as they are.</summary>
    /// <exception cref="ModelLoadException">Weights lie in another file.</exception>
    public static PreparedModel Prepare(byte[] bytes, string modelName)
    {
        var unchanged = new PreparedModel(bytes, ReadOnlyDictionary<string, string[]>.Empty);
        // Most models have none of these, and are not read twice.
        ReadOnlySpan<byte> all = bytes;
        if (all.IndexOf("ZipMap"u8) < 0 && all.IndexOf("SequenceConstruct"u8) < 0 && all.IndexOf("location"u8) < 0) return unchanged;
        try
        {
            return new ModelPreparation(bytes, modelName).Prepare() ?? unchanged;
        }
        catch (ProtobufException)
        {
            // The evaluator says what is wrong with it.
            return unchanged;
        }
    }

    private PreparedModel? Prepare()
    {
        var (field, content, graphs) = (default(Range), default(Range), 0);
        var reader = new ProtobufReader(_bytes);
        for (var start = 0; reader.Next(); start = reader.Position)
        {
            if (reader.Field != Graph)
            {
                reader.Skip();
                continue;
            }

            var graph = reader.ReadMessage();
            (field, content) = (start..reader.Position, graph.Position..reader.Position);
            graphs++;
            ReadGraph(graph, 0);
        }

        return graphs == 1 ? Replace(field, content) : null;
    }

    private void ReadGraph(ProtobufReader reader, int depth)
    {
        if (depth > MaxDepth) throw reader.Corrupt("graphs are nested too deep");
        for (var start = reader.Position; reader.Next(); start = reader.Position)
        {
            switch (reader.Field)
            {
                case Node:
                    var node = reader.ReadMessage();
                    if (depth == 0 && IsEnd(node) && OnnxMessageReader.ReadNode(node) is { Outputs: [var name] } end) _ends[name] = (start..reader.Position, end);
                    ReadNode(node, depth);
                    break;
                case 5: CheckTensor(reader.ReadMessage()); break;
                case Output when depth == 0:
                    var output = OnnxMessageReader.ReadValue(reader.ReadMessage());
                    _outputs.Add((start..reader.Position, output));
                    break;
                default: reader.Skip(); break;
            }
        }
    }

    /// <summary>Whether a node is of a kind that is left out; most are not read further.</summary>
    private static bool IsEnd(ProtobufReader reader)
    {
        var (isZipMap, isSequence, isOfLearning, isOfOnnx) = (false, false, false, true);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 4:
                    var name = reader.ReadBytes();
                    (isZipMap, isSequence) = (name.SequenceEqual("ZipMap"u8), name.SequenceEqual("SequenceConstruct"u8));
                    break;
                case 7:
                    var domain = reader.ReadBytes();
                    (isOfLearning, isOfOnnx) = (domain.SequenceEqual("ai.onnx.ml"u8), domain.IsEmpty || domain.SequenceEqual("ai.onnx"u8));
                    break;
                default: reader.Skip(); break;
            }
        }

        return (isZipMap && isOfLearning) || (isSequence && isOfOnnx);
    }

    private void ReadNode(ProtobufReader reader, int depth)
    {
        while (reader.Next())
        {
            if (reader.Field == 1) _consumed.Add(reader.ReadText());
            else if (reader.Field == 2) _written.Add(reader.ReadText());
            else if (reader.Field == 5) ReadAttribute(reader.ReadMessage(), depth);
            else reader.Skip();
        }
    }

    private void ReadAttribute(ProtobufReader reader, int depth)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 5: CheckTensor(reader.ReadMessage()); break;
                case 6 or 11: ReadGraph(reader.ReadMessage(), depth + 1); break;
                default: reader.Skip(); break;
            }
        }
    }

    private void CheckTensor(ProtobufReader reader)
    {
        var (name, file, isExternal) = ("", "", false);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 8: name = reader.ReadText(); break;
                case 13:
                    var (key, value) = OnnxMessageReader.ReadEntry(reader.ReadMessage());
                    if (key == "location") file = value;
                    break;
                case 14: isExternal = reader.ReadInteger() == 1; break;
                default: reader.Skip(); break;
            }
        }

        if (isExternal)
            throw new ModelLoadException(_modelName, $"The tensor '{name}' of the model '{_modelName}' lies in another file, '{file}', which cannot be loaded. Save the model as one file (Python: onnx.save_model(model, path, save_as_external_data=False)).");
    }

    private PreparedModel? Replace(Range field, Range content)
    {
        foreach (var (place, output) in _outputs)
        {
            if (!_ends.TryGetValue(output.Name, out var end) || _consumed.Contains(output.Name)) continue;
            if (end.Node.Operator == "ZipMap") ReplaceZipMap(end.Place, end.Node, place, output.Name);
            else ReplaceSequence(end.Place, end.Node, place, output.Name);
        }

        if (_changes.Count == 0) return null;
        _changes.Sort((first, second) => first.Place.Start.Value.CompareTo(second.Place.Start.Value));
        return new PreparedModel(Rewrite(field, content), _classes);
    }

    private void ReplaceZipMap(Range place, NodeMessage node, Range outputPlace, string name)
    {
        if (ReadClasses(node) is not { } classes || node.Inputs is not [var input]) return;
        _classes[name] = classes;
        var (nodes, outputs) = Change(place, outputPlace);
        nodes.WriteMessage(Node, OnnxGraphBuilder.DescribeNode(node.Name, "Identity", "", [input], [name]));
        outputs.WriteMessage(Output, OnnxGraphBuilder.Describe(new TensorSpec(name, ElementType.Float32, [-1, classes.Length]), []));
    }

    private void ReplaceSequence(Range place, NodeMessage node, Range outputPlace, string name)
    {
        var names = node.Inputs.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"{name}.{i}")).ToArray();
        if (names.Any(_written.Contains)) return;
        var (nodes, outputs) = Change(place, outputPlace);
        for (var i = 0; i < names.Length; i++)
        {
            nodes.WriteMessage(Node, OnnxGraphBuilder.DescribeNode(names[i], "Identity", "", [node.Inputs[i]], [names[i]]));
            outputs.WriteMessage(Output, OnnxGraphBuilder.DescribeUntyped(names[i]));
        }
    }

    private (ProtobufWriter Nodes, ProtobufWriter Outputs) Change(Range place, Range outputPlace)
    {
        var (nodes, outputs) = (new ProtobufWriter(), new ProtobufWriter());
        _changes.Add((place, nodes));
        _changes.Add((outputPlace, outputs));
        return (nodes, outputs);
    }

    /// <summary>The classes that a ZipMap names; <see langword="null"/> where it contradicts itself, which the evaluator tells.</summary>
    private static string[]? ReadClasses(NodeMessage node)
    {
        var texts = node.Attributes.GetValueOrDefault("classlabels_strings")?.Texts ?? [];
        var numbers = node.Attributes.GetValueOrDefault("classlabels_int64s")?.Integers ?? [];
        return texts.Count > 0 == numbers.Count > 0 ? null
            : texts.Count > 0 ? [.. texts]
            : [.. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))];
    }

    private byte[] Rewrite(Range field, Range content)
    {
        var parts = new List<ReadOnlyMemory<byte>>();
        var from = content.Start.Value;
        foreach (var (place, fields) in _changes)
        {
            parts.Add(_bytes.AsMemory(from..place.Start.Value));
            parts.Add(fields.ToArray());
            from = place.End.Value;
        }

        parts.Add(_bytes.AsMemory(from..content.End.Value));
        var header = new ProtobufWriter();
        header.WriteHeader(Graph, parts.Sum(part => (long)part.Length));
        parts.InsertRange(0, [_bytes.AsMemory(..field.Start.Value), header.ToArray()]);
        parts.Add(_bytes.AsMemory(field.End.Value..));
        var result = GC.AllocateUninitializedArray<byte>(checked((int)parts.Sum(part => (long)part.Length)));
        var target = result.AsMemory();
        foreach (var part in parts)
        {
            part.CopyTo(target);
            target = target[part.Length..];
        }

        return result;
    }
}
