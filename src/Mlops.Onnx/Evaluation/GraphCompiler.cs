using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Turns the graph of a model into the steps of the managed evaluator.</summary>
/// <remarks>Every tensor is either a constant or has one row for each row of the inputs; a graph that does anything else with rows is refused.</remarks>
internal sealed partial class GraphCompiler
{
    private const string MachineLearning = OnnxGraphBuilder.MachineLearning;

    /// <summary>Rows in a block: enough for trees to be read once for many rows, few enough for the rows to stay in the cache.</summary>
    private const int MaxBlockRows = 64;

    /// <summary>The elements of the widest tensor of a block, as long as a block has rows enough for one tile of trees.</summary>
    private const int MaxBlockElements = 1 << 18;

    private readonly ModelMessage _model;
    private readonly GraphMessage _graph;
    private readonly string _modelName;
    private readonly Dictionary<string, Operand> _operands = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private readonly List<EvaluationSlot> _slots = [];
    private readonly List<EvaluationStep> _steps = [];
    private readonly List<string> _unsupported = [];

    private GraphCompiler(ModelMessage model, string modelName)
        => (_model, _graph, _modelName) = (model, model.Graph!, modelName);

    /// <summary>Compiles a model.</summary>
    /// <exception cref="ModelLoadException">The model contradicts itself, or holds what the evaluator does not know; the message lists all of that.</exception>
    public static EvaluationPlan Compile(ModelMessage model, string modelName) => new GraphCompiler(model, modelName).Compile();

    /// <summary>Makes room for a tensor, or for what a step needs for itself.</summary>
    public int AddSlot(ElementType type, int width)
    {
        _slots.Add(new EvaluationSlot(type, width));
        return _slots.Count - 1;
    }

    private EvaluationPlan Compile()
    {
        if (_model.HasFunctions) _unsupported.Add("functions of the model's own");
        if (_graph.HasSparseConstants) _unsupported.Add("sparse constants");
        foreach (var constant in _graph.Constants) Attempt(constant.Name, [constant.Name], () => _operands[constant.Name] = Operand.Of(ConstantTensor.Read(constant)));
        var inputs = new List<TensorSpec>();
        foreach (var input in _graph.Inputs.Where(input => !_operands.ContainsKey(input.Name)))
            Attempt($"the input '{input.Name}'", [input.Name], () => inputs.Add(AddInput(input)));
        foreach (var node in _graph.Nodes)
        {
            if (node.Inputs.Any(_unknown.Contains) && IsKnown(node)) _unknown.UnionWith(node.Outputs);
            else Attempt(node.ToString(), node.Outputs, () => Compile(new NodeReader(node)));
        }

        var outputs = new List<TensorSpec>();
        foreach (var output in _graph.Outputs.Where(output => !_unknown.Contains(output.Name)))
            Attempt($"the output '{output.Name}'", [], () => outputs.Add(Describe(output)));
        if (_unsupported.Count > 0)
        {
            throw new ModelLoadException(
                _modelName,
                $"The managed evaluator cannot run the model '{_modelName}': {string.Join("; ", _unsupported.Distinct())}. Set OnnxOptions.Evaluator to {nameof(OnnxEvaluator.Runtime)}, or to {nameof(OnnxEvaluator.Fastest)}, and ONNX Runtime runs it.");
        }

        var operands = _graph.Outputs.Select(output => _operands[output.Name]).ToArray();
        var widest = Math.Max(1, _slots.Max(slot => slot.Width));
        var rows = Math.Clamp(MaxBlockElements / widest / CompactTrees<float>.Lanes * CompactTrees<float>.Lanes, CompactTrees<float>.Lanes, MaxBlockRows);
        if ((long)rows * widest > Array.MaxLength) throw new ModelLoadException(_modelName, $"A tensor of the model '{_modelName}' has {widest} elements in each row, which are too many for the managed evaluator.");
        return new EvaluationPlan(
            new ModelSignature(inputs, outputs),
            _slots,
            [.. _steps],
            Array.ConvertAll(operands, operand => operand.Slot),
            Array.ConvertAll(operands, operand => operand.Dimensions),
            rows);
    }

    private void Attempt(string place, IEnumerable<string> names, Action action)
    {
        try
        {
            action();
        }
        catch (UnsupportedNodeException error)
        {
            _unsupported.Add(error.Message.Length == 0 ? place : $"{place} ({error.Message})");
            _unknown.UnionWith(names);
        }
        catch (Exception error) when (error is InvalidModelException or OverflowException)
        {
            throw new ModelLoadException(_modelName, $"The model '{_modelName}' contradicts itself in {place}: {error.Message}. Restore it from its source, or export it again.", error);
        }
    }

    private TensorSpec AddInput(ValueMessage input)
    {
        var spec = ToSpec(input, input.Dimensions ?? throw new UnsupportedNodeException("its dimensions are not declared"));
        if (spec.Shape is not [-1, ..]) throw new UnsupportedNodeException("its first dimension is not an open number of rows");
        if (spec.Width < 0) throw new UnsupportedNodeException("a dimension after the first is open");
        RequireKnownType(spec.ElementType);
        _operands[input.Name] = new Operand(spec.ElementType, [.. spec.Shape.Skip(1)], AddSlot(spec.ElementType, spec.Width));
        return spec;
    }

    /// <summary>Describes an output as declared, and as computed where the declaration leaves it open.</summary>
    private TensorSpec Describe(ValueMessage output)
    {
        if (output.OtherKind is { } kind) throw new ModelLoadException(_modelName, $"The output '{output.Name}' is a {kind}; the managed evaluator gives tensors only. Set OnnxOptions.Evaluator to {nameof(OnnxEvaluator.Runtime)}, or convert the model so that it is a tensor.");
        if (!_operands.TryGetValue(output.Name, out var operand)) throw new InvalidModelException("no node writes it");
        if (operand.IsConstant) throw new UnsupportedNodeException("it is a constant");
        var computed = operand.Dimensions.Select(size => (long)size).Prepend(-1).ToArray();
        if (output.ElementType != 0 && OrtElementTypes.FromOnnx(output.ElementType) != operand.ElementType) throw new InvalidModelException($"it is declared as another type than {operand.ElementType}");
        var declared = output.Dimensions;
        if (declared is not null && (declared.Count != computed.Length || declared.Skip(1).Zip(computed.Skip(1)).Any(pair => pair.First >= 0 && pair.First != pair.Second)))
            throw new UnsupportedNodeException($"it is declared as [{string.Join(", ", declared)}], but is [{string.Join(", ", computed)}]");
        return new TensorSpec(output.Name, operand.ElementType, [-1, .. operand.Dimensions]);
    }

    private TensorSpec ToSpec(ValueMessage value, List<long> dimensions)
    {
        if (value.OtherKind is { } kind) throw new ModelLoadException(_modelName, $"The input '{value.Name}' is a {kind}; only tensors are supported.");
        var type = OrtElementTypes.FromOnnx(value.ElementType) ?? throw new UnsupportedNodeException($"it is a tensor of {OrtElementTypes.NameOf(value.ElementType)}");
        if (dimensions.Any(size => size > int.MaxValue)) throw new InvalidModelException($"it has a dimension of more than {int.MaxValue}");
        return new TensorSpec(value.Name, type, [.. dimensions.Select(size => (int)Math.Max(-1, size))]);
    }

    private static void RequireKnownType(ElementType type)
    {
        if (type is not (ElementType.Float32 or ElementType.Float64 or ElementType.Int64 or ElementType.Int32 or ElementType.Boolean or ElementType.String))
            throw new UnsupportedNodeException($"tensors of {type} are not known");
    }

    /// <summary>The input of a node.</summary>
    private Operand Find(NodeReader node, int index)
    {
        var inputs = node.Message.Inputs;
        if (index >= inputs.Count || inputs[index].Length == 0) throw new InvalidModelException($"input {index} is missing");
        return _operands.TryGetValue(inputs[index], out var operand) ? operand : throw new InvalidModelException($"the tensor '{inputs[index]}' is not there yet");
    }

    private bool HasInput(NodeReader node, int index) => index < node.Message.Inputs.Count && node.Message.Inputs[index].Length > 0;

    /// <summary>The input of a node that must have rows.</summary>
    private Operand FindValue(NodeReader node, int index)
        => Find(node, index) is { IsConstant: false } operand ? operand : throw new UnsupportedNodeException($"input {index} is a constant");

    /// <summary>The features of a model: rows of numbers.</summary>
    private Operand FindFeatures(NodeReader node)
    {
        var input = FindValue(node, 0);
        if (input.Rank != 2) throw new UnsupportedNodeException($"its features have {input.Rank} dimensions");
        if (input.Width == 0) throw new InvalidModelException("its features have no elements");
        return input;
    }

    private ConstantTensor FindConstant(NodeReader node, int index)
        => Find(node, index).Constant ?? throw new UnsupportedNodeException($"input {index} is no constant");

    /// <summary>Makes room for the output of a node.</summary>
    private Operand Define(NodeReader node, int index, ElementType type, params int[] dimensions)
    {
        var operand = new Operand(type, dimensions, -1);
        operand = operand with { Slot = AddSlot(type, operand.Width) };
        Name(node, index, operand);
        return operand;
    }

    /// <summary>Gives a tensor the name of the output of a node.</summary>
    private void Name(NodeReader node, int index, Operand operand)
    {
        // Outputs that nobody wants have no name.
        if (index >= node.Message.Outputs.Count || node.Message.Outputs[index].Length == 0) return;
        if (!_operands.TryAdd(node.Message.Outputs[index], operand)) throw new InvalidModelException($"'{node.Message.Outputs[index]}' is written twice");
    }
}
