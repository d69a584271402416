namespace Mlops.Onnx;

/// <summary>A model as its file describes it (ModelProto), as far as the managed evaluator needs it.</summary>
internal sealed class ModelMessage
{
    public string ProducerName { get; set; } = "";

    public string Domain { get; set; } = "";

    public string Description { get; set; } = "";

    public long Version { get; set; }

    /// <summary>Gets the version of the operators of each domain.</summary>
    public Dictionary<string, long> OperatorSets { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Properties { get; } = new(StringComparer.Ordinal);

    public GraphMessage? Graph { get; set; }

    /// <summary>Gets or sets whether the model brings operators of its own, defined by others.</summary>
    public bool HasFunctions { get; set; }
}

/// <summary>A graph (GraphProto).</summary>
internal sealed class GraphMessage
{
    public string Name { get; set; } = "";

    public List<NodeMessage> Nodes { get; } = [];

    public List<TensorMessage> Constants { get; } = [];

    public List<ValueMessage> Inputs { get; } = [];

    public List<ValueMessage> Outputs { get; } = [];

    public bool HasSparseConstants { get; set; }
}

/// <summary>A node (NodeProto).</summary>
internal sealed class NodeMessage
{
    public string Name { get; set; } = "";

    public string Operator { get; set; } = "";

    public string Domain { get; set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    public Dictionary<string, AttributeMessage> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Names the node, as in error messages.</summary>
    public override string ToString() => Name.Length > 0 ? $"{Operator} '{Name}'" : Outputs.Count > 0 ? $"{Operator} of '{Outputs[0]}'" : Operator;
}

/// <summary>A named constant of a node (AttributeProto).</summary>
internal sealed class AttributeMessage
{
    public string Name { get; set; } = "";

    public float Float { get; set; }

    public long Integer { get; set; }

    public string Text { get; set; } = "";

    public TensorMessage? Tensor { get; set; }

    public List<float> Floats { get; } = [];

    public List<long> Integers { get; } = [];

    public List<string> Texts { get; } = [];
}

/// <summary>A constant tensor (TensorProto).</summary>
internal sealed class TensorMessage
{
    public string Name { get; set; } = "";

    public int ElementType { get; set; }

    public List<long> Dimensions { get; } = [];

    public List<float> Floats { get; } = [];

    public List<double> Doubles { get; } = [];

    /// <summary>Gets the elements of type int64, or of a smaller type, or of an unsigned one.</summary>
    public List<long> Integers { get; } = [];

    public List<string> Texts { get; } = [];

    /// <summary>Gets or sets the elements as they lie in memory, little-endian; <see langword="null"/> where they are given one by one.</summary>
    public byte[]? Raw { get; set; }

    public bool IsExternal { get; set; }
}

/// <summary>The name and the type of an input or output (ValueInfoProto).</summary>
internal sealed class ValueMessage
{
    public string Name { get; set; } = "";

    /// <summary>Gets or sets the element type of a tensor; 0 when it is not declared.</summary>
    public int ElementType { get; set; }

    /// <summary>Gets or sets what it is instead of a tensor; <see langword="null"/> when it is one, or nothing is declared.</summary>
    public string? OtherKind { get; set; }

    /// <summary>Gets or sets the dimensions, −1 where they are open; <see langword="null"/> when no shape is declared.</summary>
    public List<long>? Dimensions { get; set; }
}
