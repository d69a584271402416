using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>The translation of steps for numbers, in the precision of their input.</summary>
/// <remarks>The operators of ai.onnx.ml for such steps compute in 32 bits whatever they are given; those of ai.onnx give the bits of the input's type.</remarks>
internal sealed partial class OperatorTranslator
{
    private void Translate(GraphNode node, ImputeOperator impute)
    {
        var isMissing = AddNode(node, "IsNaN", node.Inputs[0]);
        builder.AddNode("Where", Core, [isMissing, AddNumbers(node, "replacements", impute.Replacements), node.Inputs[0]], node.Outputs);
    }

    private void Translate(GraphNode node, ScaleOperator scale)
    {
        var difference = AddNode(node, "Sub", node.Inputs[0], AddNumbers(node, "offsets", scale.Offsets));
        builder.AddNode("Mul", Core, [difference, AddNumbers(node, "scales", scale.Scales)], node.Outputs);
    }

    private void Translate(GraphNode node, ClipOperator clip)
    {
        // Comparisons with NaN are false, so that a missing number stays missing, as it would not surely with Min and Max.
        var (minimums, maximums) = (AddNumbers(node, "minimums", clip.Minimums), AddNumbers(node, "maximums", clip.Maximums));
        var raised = AddNode(node, "Where", AddNode(node, "Less", node.Inputs[0], minimums), minimums, node.Inputs[0]);
        builder.AddNode("Where", Core, [AddNode(node, "Greater", raised, maximums), maximums, raised], node.Outputs);
    }

    private void TranslateMissingIndicator(GraphNode node)
    {
        var isMissing = AddNode(node, "IsNaN", node.Inputs[0]);
        builder.AddNode("Cast", Core, [isMissing], node.Outputs, new OnnxAttribute("to", (long)OrtElementTypes.Float32));
    }

    private void TranslateConcat(GraphNode node)
    {
        var inputs = node.Inputs.Select(input => FindType(input) == ElementType.Float64 ? AddCast(node, input, OrtElementTypes.Float32) : input).ToArray();
        builder.AddNode("Concat", Core, inputs, node.Outputs, new OnnxAttribute("axis", 1L));
    }

    /// <summary>Adds a constant of the type of the node's input.</summary>
    private string AddNumbers(GraphNode node, string purpose, double[] values)
        => FindType(node.Inputs[0]) == ElementType.Float64 ? AddConstant(node, purpose, values) : AddConstant(node, purpose, Narrow(values));

    /// <summary>The type of a tensor.</summary>
    private ElementType FindType(string tensor)
    {
        if (_signature.Inputs.FirstOrDefault(input => input.Name == tensor) is { } input) return input.ElementType;
        var node = graph.Nodes.First(node => node.Outputs.Contains(tensor));
        return node.Operator switch
        {
            SelectOperator or ImputeOperator or ScaleOperator or ClipOperator => FindType(node.Inputs[0]),
            DayOfWeekOperator => ElementType.Int64,
            ImputeTextOperator => ElementType.String,
            LinearClassifierOperator classifier when node.Output == tensor => classifier.TextClasses is null ? ElementType.Int64 : ElementType.String,
            KMeansOperator when node.Output == tensor => ElementType.Int64,
            _ => ElementType.Float32,
        };
    }
}
