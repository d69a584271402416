namespace Mlops.Onnx;

/// <summary>Reads the inputs and attributes of a node.</summary>
internal sealed class NodeReader(NodeMessage node)
{
    public NodeMessage Message => node;

    /// <summary>Whether it has an input; those that are left out have no name.</summary>
    public bool HasInput(int index) => index < node.Inputs.Count && node.Inputs[index].Length > 0;

    public bool Has(string name) => node.Attributes.ContainsKey(name);

    public long Integer(string name, long missing) => node.Attributes.TryGetValue(name, out var attribute) ? attribute.Integer : missing;

    public float Float(string name, float missing) => node.Attributes.TryGetValue(name, out var attribute) ? attribute.Float : missing;

    public string Text(string name, string missing) => node.Attributes.TryGetValue(name, out var attribute) ? attribute.Text : missing;

    public long[] Integers(string name) => node.Attributes.TryGetValue(name, out var attribute) ? [.. attribute.Integers] : [];

    public float[] Floats(string name) => node.Attributes.TryGetValue(name, out var attribute) ? [.. attribute.Floats] : [];

    public string[] Texts(string name) => node.Attributes.TryGetValue(name, out var attribute) ? [.. attribute.Texts] : [];

    public ConstantTensor? Tensor(string name) => node.Attributes.TryGetValue(name, out var attribute) && attribute.Tensor is { } tensor ? ConstantTensor.Read(tensor) : null;

    public double[] TensorNumbers(string name) => Tensor(name)?.ToDoubles() ?? [];

    public long[] TensorIntegers(string name) => Tensor(name)?.ToIntegers() ?? [];

    public PostTransform ReadPostTransform() => Text("post_transform", "NONE") switch
    {
        "NONE" => PostTransform.None,
        "SOFTMAX" => PostTransform.Softmax,
        "LOGISTIC" => PostTransform.Logistic,
        "SOFTMAX_ZERO" => PostTransform.SoftmaxZero,
        "PROBIT" => PostTransform.Probit,
        var other => throw new InvalidModelException($"post_transform is '{other}'"),
    };
}
