using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Where each tensor of a graph lives, worked out once: in the inputs, in the outputs, in a buffer, or inside the rows of the tensor that it is joined into.</summary>
internal sealed class GraphPlan
{
    private readonly Dictionary<string, GraphTensor> _tensors = new(StringComparer.Ordinal);

    public GraphPlan(ModelGraph graph)
    {
        foreach (var (slot, spec) in graph.Signature.Inputs.Index())
            _tensors[spec.Name] = new GraphTensor(GraphTensorPlace.Input, slot, spec.ElementType, spec.Width, 0, spec.Width);
        var kernels = graph.Nodes.Select(node => GraphKernel.Create(node.Operator)).ToArray();
        var shapes = FindShapes(graph);
        Place(graph, kernels, shapes);
        Steps = [.. graph.Nodes.Select((node, i) => new GraphStep(kernels[i], [.. node.Inputs.Select(name => _tensors[name])], [.. node.Outputs.Select(name => _tensors[name])])
        {
            InputName = node.Inputs.Count > 0 ? node.Inputs[0] : node.Output,
        })];
    }

    /// <summary>Gets the nodes in their order.</summary>
    public GraphStep[] Steps { get; }

    /// <summary>Gets the number of buffers of the workspace.</summary>
    public int BufferCount { get; private set; }

    /// <summary>The type and width of every tensor, in the order of the nodes.</summary>
    private Dictionary<string, GraphShape> FindShapes(ModelGraph graph)
    {
        var shapes = _tensors.ToDictionary(pair => pair.Key, pair => new GraphShape(pair.Value.Type, pair.Value.Width), StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            var written = GraphShape.Of(node, [.. node.Inputs.Select(name => shapes[name])]);
            for (var i = 0; i < node.Outputs.Count; i++) shapes[node.Outputs[i]] = written[i];
        }

        foreach (var spec in graph.Signature.Outputs)
        {
            if (_tensors.ContainsKey(spec.Name))
                throw new ArgumentException($"The output '{spec.Name}' must be written by a node; it is an input.", nameof(graph));
            if (shapes[spec.Name].Type != spec.ElementType || shapes[spec.Name].Width != spec.Width)
                throw new ArgumentException($"The output {spec} is written as {shapes[spec.Name]}.", nameof(graph));
        }

        return shapes;
    }

    /// <summary>Backwards, so that a tensor that is only joined into another one finds the place of that one.</summary>
    private void Place(ModelGraph graph, GraphKernel[] kernels, Dictionary<string, GraphShape> shapes)
    {
        var outputs = graph.Signature.Outputs.Index().ToDictionary(pair => pair.Item.Name, pair => pair.Index, StringComparer.Ordinal);
        var uses = graph.Nodes.SelectMany(node => node.Inputs).CountBy(name => name, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        for (var i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            foreach (var name in graph.Nodes[i].Outputs)
            {
                var (type, width) = shapes[name];
                if (outputs.TryGetValue(name, out var slot)) _tensors[name] = new GraphTensor(GraphTensorPlace.Output, slot, type, width, 0, width);
                else if (!kernels[i].WritesRows || uses.GetValueOrDefault(name) != 1 || FindJoined(graph, name, shapes) is not { } inside)
                    _tensors[name] = new GraphTensor(GraphTensorPlace.Workspace, BufferCount++, type, width, 0, width);
                else _tensors[name] = inside;
            }
        }
    }

    /// <summary>The part of a joined tensor that the rows of a tensor become; <see langword="null"/> where it is read by something else.</summary>
    private GraphTensor? FindJoined(ModelGraph graph, string name, Dictionary<string, GraphShape> shapes)
    {
        var reader = graph.Nodes.First(node => node.Inputs.Contains(name, StringComparer.Ordinal));
        var whole = _tensors[reader.Output];
        if (reader.Operator is not ConcatOperator || shapes[name].Type != whole.Type) return null;
        var before = reader.Inputs.TakeWhile(input => input != name).Sum(input => shapes[input].Width);
        return whole with { Width = shapes[name].Width, Offset = whole.Offset + before };
    }
}
