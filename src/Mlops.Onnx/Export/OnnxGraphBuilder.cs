using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Builds an ONNX model: ModelProto with the few messages that models of our own need.</summary>
/// <remarks>
/// <para>Operator sets ai.onnx 21 and ai.onnx.ml 3, IR version 10: read by ONNX Runtime 1.18 and later, and by the Python package onnx 1.16 and later.</para>
/// <para>Source: onnx.proto of the ONNX project; the numbers are those of its fields.</para>
/// </remarks>
internal sealed class OnnxGraphBuilder
{
    /// <summary>The domain of the operators of classical machine learning.</summary>
    public const string MachineLearning = "ai.onnx.ml";

    /// <summary>The domain of the operators that only ONNX Runtime has.</summary>
    public const string Microsoft = "com.microsoft";

    /// <summary>The name of the dimension that the number of rows is.</summary>
    public const string RowsDimension = "rows";

    private const int IrVersion = 10;
    private const int OperatorSet = 21;
    private const int MicrosoftOperatorSet = 1;

    private readonly ProtobufWriter _nodes = new();
    private readonly ProtobufWriter _initializers = new();
    private readonly ProtobufWriter _inputs = new();
    private readonly ProtobufWriter _outputs = new();
    private readonly List<KeyValuePair<string, string>> _properties = [];
    private int _nodeCount;
    private bool _usesMicrosoft;

    public string GraphName { get; init; } = "graph";

    public string ProducerName { get; init; } = "Mlops.Onnx";

    public string ProducerVersion { get; init; } = "";

    public string Domain { get; init; } = "";

    public string Description { get; init; } = "";

    public long Version { get; init; }

    /// <summary>Gets the version of the operators of <see cref="MachineLearning"/>.</summary>
    public int MachineLearningOperatorSet { get; init; } = 3;

    public void AddInput(TensorSpec spec, params ReadOnlySpan<string> dimensions) => _inputs.WriteMessage(11, Describe(spec, dimensions));

    public void AddOutput(TensorSpec spec, params ReadOnlySpan<string> dimensions) => _outputs.WriteMessage(12, Describe(spec, dimensions));

    /// <summary>Adds an output whose type ONNX Runtime infers.</summary>
    public void AddUntypedOutput(string name) => _outputs.WriteMessage(12, DescribeUntyped(name));

    /// <summary>Adds an output that is a sequence of such tensors.</summary>
    public void AddSequenceOutput(TensorSpec element, params ReadOnlySpan<string> dimensions)
    {
        var (value, type, sequence) = (new ProtobufWriter(), new ProtobufWriter(), new ProtobufWriter());
        sequence.WriteMessage(1, DescribeType(element, dimensions));
        type.WriteMessage(4, sequence);
        value.WriteText(1, element.Name);
        value.WriteMessage(2, type);
        _outputs.WriteMessage(12, value);
    }

    public void AddProperty(string key, string value) => _properties.Add(new(key, value));

    /// <summary>Adds a constant, shape (n).</summary>
    public void AddConstant(string name, ReadOnlySpan<long> values)
    {
        var tensor = BeginTensor(name, OrtElementTypes.Int64, values.Length);
        tensor.WritePacked(7, values);
        _initializers.WriteMessage(5, tensor);
    }

    /// <summary>Adds a constant, shape (n).</summary>
    public void AddConstant(string name, ReadOnlySpan<float> values)
    {
        var tensor = BeginTensor(name, OrtElementTypes.Float32, values.Length);
        tensor.WritePacked(4, values);
        _initializers.WriteMessage(5, tensor);
    }

    /// <summary>Adds a constant, shape (n).</summary>
    public void AddConstant(string name, ReadOnlySpan<double> values)
    {
        var tensor = BeginTensor(name, OrtElementTypes.Float64, values.Length);
        tensor.WritePacked(10, values);
        _initializers.WriteMessage(5, tensor);
    }

    /// <summary>Adds a constant, shape (rows × n).</summary>
    public void AddConstant(string name, float[][] values)
    {
        var tensor = new ProtobufWriter();
        tensor.WritePacked(1, [values.Length, values[0].Length]);
        tensor.WriteInteger(2, OrtElementTypes.Float32);
        tensor.WriteText(8, name);
        tensor.WritePacked(4, values.SelectMany(row => row).ToArray());
        _initializers.WriteMessage(5, tensor);
    }

    /// <summary>Adds a constant, shape (n).</summary>
    public void AddConstant(string name, ReadOnlySpan<string> values)
    {
        var tensor = BeginTensor(name, OrtElementTypes.Text, values.Length);
        foreach (var value in values) tensor.WriteText(6, value);
        _initializers.WriteMessage(5, tensor);
    }

    /// <summary>Adds a constant that is described already (TensorProto).</summary>
    public void AddConstant(ProtobufWriter tensor) => _initializers.WriteMessage(5, tensor);

    public void AddNode(string operatorType, string domain, IEnumerable<string> inputs, IEnumerable<string> outputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        _usesMicrosoft |= domain == Microsoft;
        _nodes.WriteMessage(1, DescribeNode($"{operatorType}_{_nodeCount++}", operatorType, domain, inputs, outputs, attributes));
    }

    public byte[] Build()
    {
        var graph = new ProtobufWriter();
        graph.WriteRaw(_nodes.Written);
        graph.WriteText(2, GraphName);
        graph.WriteRaw(_initializers.Written);
        graph.WriteRaw(_inputs.Written);
        graph.WriteRaw(_outputs.Written);

        var model = new ProtobufWriter();
        model.WriteInteger(1, IrVersion);
        model.WriteText(2, ProducerName);
        model.WriteText(3, ProducerVersion);
        model.WriteText(4, Domain);
        model.WriteInteger(5, Version);
        model.WriteText(6, Description);
        model.WriteMessage(7, graph);
        model.WriteMessage(8, DescribeOperatorSet("", OperatorSet));
        model.WriteMessage(8, DescribeOperatorSet(MachineLearning, MachineLearningOperatorSet));
        if (_usesMicrosoft) model.WriteMessage(8, DescribeOperatorSet(Microsoft, MicrosoftOperatorSet));
        foreach (var (key, value) in _properties) model.WriteMessage(14, DescribeProperty(key, value));
        return model.ToArray();
    }

    /// <summary>Describes a node (NodeProto).</summary>
    internal static ProtobufWriter DescribeNode(
        string name, string operatorType, string domain, IEnumerable<string> inputs, IEnumerable<string> outputs, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new ProtobufWriter();
        foreach (var input in inputs) node.WriteText(1, input);
        foreach (var output in outputs) node.WriteText(2, output);
        node.WriteText(3, name);
        node.WriteText(4, operatorType);
        foreach (var attribute in attributes) node.WriteMessage(5, attribute.ToMessage());
        if (domain.Length > 0) node.WriteText(7, domain);
        return node;
    }

    /// <summary>Describes a tensor (ValueInfoProto). Open dimensions take the given names, in their order; the first is the rows when no names are given.</summary>
    internal static ProtobufWriter Describe(TensorSpec spec, ReadOnlySpan<string> dimensions)
    {
        var value = new ProtobufWriter();
        value.WriteText(1, spec.Name);
        value.WriteMessage(2, DescribeType(spec, dimensions));
        return value;
    }

    /// <summary>Describes what has a name and no declared type (ValueInfoProto).</summary>
    internal static ProtobufWriter DescribeUntyped(string name)
    {
        var value = new ProtobufWriter();
        value.WriteText(1, name);
        return value;
    }

    /// <summary>Describes a tensor of a raw form (TensorProto), shape (n).</summary>
    internal static ProtobufWriter DescribeTensor(int elementType, int length, ReadOnlySpan<byte> raw)
    {
        var tensor = BeginTensor("", elementType, length);
        tensor.WriteBytes(9, raw);
        return tensor;
    }

    internal static ProtobufWriter DescribeOperatorSet(string domain, int version)
    {
        var operatorSet = new ProtobufWriter();
        operatorSet.WriteText(1, domain);
        operatorSet.WriteInteger(2, version);
        return operatorSet;
    }

    private static ProtobufWriter BeginTensor(string name, int elementType, int length)
    {
        var tensor = new ProtobufWriter();
        tensor.WritePacked(1, [(long)length]);
        tensor.WriteInteger(2, elementType);
        tensor.WriteText(8, name);
        return tensor;
    }

    private static ProtobufWriter DescribeType(TensorSpec spec, ReadOnlySpan<string> dimensions)
    {
        var shape = new ProtobufWriter();
        for (var i = 0; i < spec.Shape.Count; i++)
        {
            var dimension = new ProtobufWriter();
            if (spec.Shape[i] >= 0) dimension.WriteInteger(1, spec.Shape[i]);
            else if (i < dimensions.Length) dimension.WriteText(2, dimensions[i]);
            else if (i == 0 && dimensions.IsEmpty) dimension.WriteText(2, RowsDimension);
            shape.WriteMessage(1, dimension);
        }

        var tensor = new ProtobufWriter();
        tensor.WriteInteger(1, OrtElementTypes.ToOnnx(spec.ElementType));
        tensor.WriteMessage(2, shape);
        var type = new ProtobufWriter();
        type.WriteMessage(1, tensor);
        return type;
    }

    private static ProtobufWriter DescribeProperty(string key, string value)
    {
        var property = new ProtobufWriter();
        property.WriteText(1, key);
        property.WriteText(2, value);
        return property;
    }
}
