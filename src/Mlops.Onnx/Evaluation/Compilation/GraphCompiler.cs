using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Turns the graph of a model into the steps of the managed evaluator.</summary>
/// <remarks>Every tensor is either a constant or has one row for each row of the inputs; a graph that does anything else with rows is refused.</remarks>
internal sealed class GraphCompiler
{
    private readonly GraphMessage _graph;
    private readonly ModelMessage _model;
    private readonly string _modelName;
    private readonly PlanBuilder _plan;
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private readonly List<string> _unsupported = [];

    private GraphCompiler(ModelMessage model, string modelName)
        => (_model, _graph, _modelName, _plan) = (model, model.Graph!, modelName, new PlanBuilder(model.OperatorSets.GetValueOrDefault(OnnxGraphBuilder.MachineLearning)));

    /// <summary>Compiles a model.</summary>
    /// <exception cref="ModelLoadException">The model contradicts itself, or holds what the evaluator does not know; the message lists all of that.</exception>
    public static EvaluationPlan Compile(ModelMessage model, string modelName) => new GraphCompiler(model, modelName).Compile();

    private EvaluationPlan Compile()
    {
        if (_model.HasFunctions) _unsupported.Add("functions of the model's own");
        if (_graph.HasSparseConstants) _unsupported.Add("sparse constants");
        foreach (var constant in _graph.Constants) Attempt(constant.Name, [constant.Name], () => _plan.Add(constant.Name, Operand.Of(ConstantTensor.Read(constant))));
        var inputs = new List<TensorSpec>();
        foreach (var input in _graph.Inputs.Where(input => !_plan.TryFind(input.Name, out _)))
            Attempt($"the input '{input.Name}'", [input.Name], () => inputs.Add(AddInput(input)));
        foreach (var node in _graph.Nodes)
        {
            if (node.Inputs.Any(_unknown.Contains) && OperatorCompilers.Find(node) is not null) _unknown.UnionWith(node.Outputs);
            else Attempt(node.ToString(), node.Outputs, () => Compile(node));
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

        return _plan.Build(new ModelSignature(inputs, outputs), _modelName);
    }

    private void Compile(NodeMessage node)
    {
        var compile = OperatorCompilers.Find(node) ?? throw new UnsupportedNodeException($"an operator of {(node.Domain.Length == 0 ? "ai.onnx" : node.Domain)} that it does not know");
        compile(_plan, new NodeReader(node));
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
        PlanBuilder.RequireKnownType(spec.ElementType);
        _plan.Add(input.Name, new Operand(spec.ElementType, [.. spec.Shape.Skip(1)], _plan.AddSlot(spec.ElementType, spec.Width)));
        return spec;
    }

    /// <summary>Describes an output as declared, and as computed where the declaration leaves it open.</summary>
    private TensorSpec Describe(ValueMessage output)
    {
        if (output.OtherKind is { } kind) throw new ModelLoadException(_modelName, $"The output '{output.Name}' is a {kind}; the managed evaluator gives tensors only. Set OnnxOptions.Evaluator to {nameof(OnnxEvaluator.Runtime)}, or convert the model so that it is a tensor.");
        if (!_plan.TryFind(output.Name, out var operand)) throw new InvalidModelException("no node writes it");
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
}
