using System.Diagnostics.CodeAnalysis;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Gathers what the managed evaluator does for a model: its tensors by name, the room for them, and the steps.</summary>
/// <param name="machineLearningVersion">The version of the operators of ai.onnx.ml.</param>
internal sealed class PlanBuilder(long machineLearningVersion)
{
    /// <summary>Rows in a block: enough for trees to be read once for many rows, few enough for the rows to stay in the cache.</summary>
    private const int MaxBlockRows = 64;

    /// <summary>The elements of the widest tensor of a block, as long as a block has rows enough for one tile of trees.</summary>
    private const int MaxBlockElements = 1 << 18;

    private readonly Dictionary<string, Operand> _operands = new(StringComparer.Ordinal);
    private readonly List<EvaluationSlot> _slots = [];
    private readonly List<EvaluationStep> _steps = [];

    /// <summary>Gets the version of the operators of ai.onnx.ml.</summary>
    public long MachineLearningVersion => machineLearningVersion;

    /// <summary>Makes room for a tensor, or for what a step needs for itself.</summary>
    public int AddSlot(ElementType type, int width)
    {
        _slots.Add(new EvaluationSlot(type, width));
        return _slots.Count - 1;
    }

    /// <summary>Has a step done after those before it.</summary>
    public void AddStep(EvaluationStep step) => _steps.Add(step);

    /// <summary>Adds a tensor of the graph itself: a constant, or an input.</summary>
    public void Add(string name, Operand operand) => _operands[name] = operand;

    public bool TryFind(string name, [NotNullWhen(true)] out Operand? operand) => _operands.TryGetValue(name, out operand);

    /// <summary>Makes the plan.</summary>
    /// <param name="signature">The inputs and outputs.</param>
    /// <param name="modelName">The model's name, for messages.</param>
    /// <exception cref="ModelLoadException">A tensor is too wide.</exception>
    public EvaluationPlan Build(ModelSignature signature, string modelName)
    {
        var outputs = signature.Outputs.Select(output => _operands[output.Name]).ToArray();
        var widest = Math.Max(1, _slots.Max(slot => slot.Width));
        var rows = Math.Clamp(MaxBlockElements / widest / CompactTrees<float>.Lanes * CompactTrees<float>.Lanes, CompactTrees<float>.Lanes, MaxBlockRows);
        if ((long)rows * widest > Array.MaxLength) throw new ModelLoadException(modelName, $"A tensor of the model '{modelName}' has {widest} elements in each row, which are too many for the managed evaluator.");
        return new EvaluationPlan(
            signature,
            _slots,
            [.. _steps],
            Array.ConvertAll(outputs, operand => operand.Slot),
            Array.ConvertAll(outputs, operand => operand.Dimensions),
            rows);
    }

    /// <summary>Refuses types that no step knows.</summary>
    /// <exception cref="UnsupportedNodeException">It is one of them.</exception>
    public static void RequireKnownType(ElementType type)
    {
        if (type is not (ElementType.Float32 or ElementType.Float64 or ElementType.Int64 or ElementType.Int32 or ElementType.Boolean or ElementType.String))
            throw new UnsupportedNodeException($"tensors of {type} are not known");
    }

    /// <summary>The input of a node.</summary>
    public Operand Find(NodeReader node, int index)
    {
        if (!node.HasInput(index)) throw new InvalidModelException($"input {index} is missing");
        var name = node.Message.Inputs[index];
        return _operands.TryGetValue(name, out var operand) ? operand : throw new InvalidModelException($"the tensor '{name}' is not there yet");
    }

    /// <summary>The input of a node that must have rows.</summary>
    public Operand FindValue(NodeReader node, int index)
        => Find(node, index) is { IsConstant: false } operand ? operand : throw new UnsupportedNodeException($"input {index} is a constant");

    /// <summary>The features of a model: rows of numbers.</summary>
    public Operand FindFeatures(NodeReader node)
    {
        var input = FindValue(node, 0);
        if (input.Rank != 2) throw new UnsupportedNodeException($"its features have {input.Rank} dimensions");
        if (input.Width == 0) throw new InvalidModelException("its features have no elements");
        return input;
    }

    /// <summary>The input of a node that must be a constant.</summary>
    public ConstantTensor FindConstant(NodeReader node, int index)
        => Find(node, index).Constant ?? throw new UnsupportedNodeException($"input {index} is no constant");

    /// <summary>Makes room for the output of a node.</summary>
    public Operand Define(NodeReader node, int index, ElementType type, params int[] dimensions)
    {
        var operand = new Operand(type, dimensions, -1);
        operand = operand with { Slot = AddSlot(type, operand.Width) };
        Name(node, index, operand);
        return operand;
    }

    /// <summary>Gives a tensor the name of the output of a node.</summary>
    public void Name(NodeReader node, int index, Operand operand)
    {
        // Outputs that nobody wants have no name.
        if (index >= node.Message.Outputs.Count || node.Message.Outputs[index].Length == 0) return;
        if (!_operands.TryAdd(node.Message.Outputs[index], operand)) throw new InvalidModelException($"'{node.Message.Outputs[index]}' is written twice");
    }
}
