using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Where each tensor of a graph lives, worked out once: in the inputs, in the outputs or in a buffer of the workspace.</summary>
internal sealed class GraphPlan
{
    private readonly Dictionary<string, GraphTensor> _tensors = new(StringComparer.Ordinal);

    public GraphPlan(ModelGraph graph)
    {
        for (var slot = 0; slot < graph.Signature.Inputs.Count; slot++)
        {
            var spec = graph.Signature.Inputs[slot];
            _tensors[spec.Name] = new GraphTensor(GraphTensorPlace.Input, slot, spec.ElementType, spec.Width);
        }

        var outputs = graph.Signature.Outputs.Select((spec, slot) => (spec.Name, slot)).ToDictionary(pair => pair.Name, pair => pair.slot);
        var steps = new List<GraphStep>();
        foreach (var node in graph.Nodes)
        {
            var inputs = node.Inputs.Select(name => _tensors[name]).ToArray();
            var shapes = ShapesOf(node, inputs);
            var written = new GraphTensor[node.Outputs.Count];
            for (var i = 0; i < written.Length; i++)
            {
                var (type, width) = shapes[i];
                written[i] = outputs.TryGetValue(node.Outputs[i], out var slot)
                    ? new GraphTensor(GraphTensorPlace.Output, slot, type, width)
                    : new GraphTensor(GraphTensorPlace.Workspace, WorkspaceTensors.Count, type, width);
                if (written[i].Place == GraphTensorPlace.Workspace) WorkspaceTensors.Add(written[i]);
                _tensors[node.Outputs[i]] = written[i];
            }

            steps.Add(new GraphStep(GraphKernel.Create(node.Operator), inputs, written));
        }

        foreach (var spec in graph.Signature.Outputs)
        {
            var tensor = _tensors[spec.Name];
            if (tensor.Place != GraphTensorPlace.Output)
                throw new ArgumentException($"The output '{spec.Name}' must be written by a node; it is an input.", nameof(graph));
            if (tensor.Type != spec.ElementType || tensor.Width != spec.Width)
                throw new ArgumentException($"The output {spec} is written as {tensor.Type} × {tensor.Width}.", nameof(graph));
        }

        Steps = [.. steps];
    }

    public GraphStep[] Steps { get; }

    public List<GraphTensor> WorkspaceTensors { get; } = [];

    private static (ElementType Type, int Width)[] ShapesOf(GraphNode node, GraphTensor[] inputs) => node.Operator switch
    {
        SelectOperator select => [(inputs[0].Type, select.Indices.Length)],
        ImputeOperator impute => Checked(node, inputs, impute.Replacements.Length),
        ScaleOperator scale => Checked(node, inputs, scale.Offsets.Length),
        ImputeTextOperator => [(ElementType.String, inputs[0].Width)],
        DayOfWeekOperator => [(ElementType.Int64, inputs[0].Width)],
        OneHotOperator oneHot => [(ElementType.Float32, oneHot.Categories.Length)],
        OneHotTextOperator oneHot => [(ElementType.Float32, oneHot.Categories.Length)],
        ConcatOperator => [(ElementType.Float32, inputs.Sum(input => input.Width))],
        LinearRegressorOperator linear => [(Checked(node, inputs, linear.Coefficients.Length)[0].Type, 1)],
        LinearClassifierOperator linear =>
            [(linear.TextClasses is null ? ElementType.Int64 : ElementType.String, 1), (Checked(node, inputs, linear.Coefficients[0].Length)[0].Type, linear.ClassCount)],
        _ => throw new NotSupportedException($"There is no kernel of {node.Operator.GetType().Name}."),
    };

    private static (ElementType Type, int Width)[] Checked(GraphNode node, GraphTensor[] inputs, int width)
        => inputs[0].Type == ElementType.Float32 && inputs[0].Width == width
            ? [(ElementType.Float32, width)]
            : throw new ArgumentException($"Node '{node.Output}' takes Float32 × {width}, but '{node.Inputs[0]}' is {inputs[0].Type} × {inputs[0].Width}.", nameof(node));
}

/// <summary>Where a tensor lives.</summary>
internal enum GraphTensorPlace
{
    Input,
    Output,
    Workspace,
}

/// <summary>A tensor of a graph: its place there, its type and the number of elements in each row.</summary>
internal readonly record struct GraphTensor(GraphTensorPlace Place, int Slot, ElementType Type, int Width);

/// <summary>A node that is ready to run.</summary>
internal sealed record GraphStep(GraphKernel Kernel, GraphTensor[] Inputs, GraphTensor[] Outputs);
