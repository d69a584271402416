using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>Compiles what moves elements and does not change them.</summary>
internal static class ShapeCompiler
{
    public static void CompileConcat(PlanBuilder plan, NodeReader node)
    {
        var operands = Enumerable.Range(0, node.Message.Inputs.Count).Select(i => plan.FindValue(node, i)).ToArray();
        var axis = node.Integer("axis", 0);
        if (operands.Length == 0) throw new InvalidModelException("it has no inputs");
        if (operands.Any(operand => operand.Rank != 2) || axis is not (1 or -1)) throw new UnsupportedNodeException("other than of rows of two-dimensional tensors");
        if (operands.Any(operand => operand.ElementType != operands[0].ElementType)) throw new InvalidModelException("its inputs are of several types");
        var output = plan.Define(node, 0, operands[0].ElementType, operands.Sum(operand => operand.Width));
        var (slots, widths) = (Array.ConvertAll(operands, operand => operand.Slot), Array.ConvertAll(operands, operand => operand.Width));
        plan.AddStep(output.ElementType switch
        {
            ElementType.Float32 => new ConcatStep<float>(slots, widths, output.Slot),
            ElementType.Float64 => new ConcatStep<double>(slots, widths, output.Slot),
            ElementType.Int64 => new ConcatStep<long>(slots, widths, output.Slot),
            ElementType.Int32 => new ConcatStep<int>(slots, widths, output.Slot),
            ElementType.Boolean => new ConcatStep<bool>(slots, widths, output.Slot),
            _ => new ConcatStep<string>(slots, widths, output.Slot),
        });
    }

    public static void CompileReshape(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindValue(node, 0);
        var shape = plan.FindConstant(node, 1).ToIntegers();
        // 0 keeps a dimension; the rows must stay rows: −1 or 0 first, and the rest as many elements as a row has.
        if (shape.Length == 0 || shape[0] is not (-1 or 0)) throw new UnsupportedNodeException($"to [{string.Join(", ", shape)}]");
        var dimensions = new int[shape.Length - 1];
        var open = -1;
        for (var i = 1; i < shape.Length; i++)
        {
            if (shape[i] == -1 && shape[0] == 0 && open < 0) open = i - 1;
            else if (shape[i] == 0 && i <= input.Dimensions.Length) dimensions[i - 1] = input.Dimensions[i - 1];
            else if (shape[i] > 0 && shape[i] <= int.MaxValue) dimensions[i - 1] = (int)shape[i];
            else throw new UnsupportedNodeException($"to [{string.Join(", ", shape)}]");
        }

        if (open >= 0) dimensions[open] = 1;
        var output = input with { Dimensions = dimensions };
        if (open >= 0 && output.Width > 0 && input.Width % output.Width == 0) dimensions[open] = input.Width / output.Width;
        if (output.Width != input.Width) throw new UnsupportedNodeException($"of rows of {input.Width} elements to [{string.Join(", ", shape)}]");
        plan.Name(node, 0, output);
    }

    public static void CompileFlatten(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindValue(node, 0);
        if (node.Integer("axis", 1) != 1) throw new UnsupportedNodeException("along another axis than 1");
        plan.Name(node, 0, input with { Dimensions = [input.Width] });
    }

    public static void CompileSqueeze(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindValue(node, 0);
        var axes = ReadAxes(plan, node, input.Rank);
        if (axes.Length == 0) throw new UnsupportedNodeException("of all dimensions of 1, which the rows may be");
        if (axes.Any(axis => axis <= 0 || axis > input.Dimensions.Length || input.Dimensions[axis - 1] != 1)) throw new UnsupportedNodeException("of a dimension that is not 1");
        plan.Name(node, 0, input with { Dimensions = [.. input.Dimensions.Where((_, i) => !axes.Contains(i + 1))] });
    }

    public static void CompileUnsqueeze(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindValue(node, 0);
        var axes = ReadAxes(plan, node, null);
        var rank = input.Rank + axes.Length;
        var dimensions = input.Dimensions.ToList();
        foreach (var axis in axes.Select(axis => axis < 0 ? axis + rank : axis).Order())
        {
            if (axis <= 0 || axis > dimensions.Count + 1) throw new UnsupportedNodeException("before the rows");
            dimensions.Insert(axis - 1, 1);
        }

        plan.Name(node, 0, input with { Dimensions = [.. dimensions] });
    }

    /// <summary>Columns of a tensor, or rows of a constant.</summary>
    public static void CompileGather(PlanBuilder plan, NodeReader node)
    {
        var data = plan.Find(node, 0);
        var axis = node.Integer("axis", 0);
        if (data.IsConstant)
        {
            if (axis != 0 || data.Rank is 0 or > 2) throw new UnsupportedNodeException("from such a constant");
            CompileTable(plan, node, data.Constant!, plan.FindValue(node, 1));
            return;
        }

        var indices = plan.FindConstant(node, 1);
        if (axis != 1 && axis != -1) throw new UnsupportedNodeException($"along axis {axis}");
        if (data.Rank != 2 || indices.Dimensions.Length > 1) throw new UnsupportedNodeException("other than columns of a two-dimensional tensor");
        CompileSelect(plan, node, data, indices.ToIntegers(), isScalar: indices.Dimensions.Length == 0);
    }

    public static void CompileArrayFeatureExtractor(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindFeatures(node);
        var indices = plan.FindConstant(node, 1).ToIntegers();
        if (indices.Any(index => index < 0)) throw new InvalidModelException($"it asks for element {indices.Min()}");
        CompileSelect(plan, node, input, indices, isScalar: false);
    }

    private static void CompileSelect(PlanBuilder plan, NodeReader node, Operand input, long[] indices, bool isScalar)
    {
        var columns = Array.ConvertAll(indices, index => index >= -input.Width && index < input.Width ? (int)(index < 0 ? index + input.Width : index) : throw new InvalidModelException($"it asks for element {index} of {input.Width}"));
        var output = isScalar ? plan.Define(node, 0, input.ElementType) : plan.Define(node, 0, input.ElementType, columns.Length);
        plan.AddStep(input.ElementType switch
        {
            ElementType.Float32 => new SelectStep<float>(input.Slot, input.Width, output.Slot, columns),
            ElementType.Float64 => new SelectStep<double>(input.Slot, input.Width, output.Slot, columns),
            ElementType.Int64 => new SelectStep<long>(input.Slot, input.Width, output.Slot, columns),
            ElementType.Int32 => new SelectStep<int>(input.Slot, input.Width, output.Slot, columns),
            ElementType.Boolean => new SelectStep<bool>(input.Slot, input.Width, output.Slot, columns),
            _ => new SelectStep<string>(input.Slot, input.Width, output.Slot, columns),
        });
    }

    private static void CompileTable(PlanBuilder plan, NodeReader node, ConstantTensor table, Operand indices)
    {
        if (indices.ElementType != ElementType.Int64) throw new UnsupportedNodeException($"by indices of {indices.ElementType}");
        var rest = table.Dimensions[1..];
        var width = rest.Aggregate(1, (product, size) => product * size);
        if (width == 0) throw new UnsupportedNodeException("from a table without columns");
        var output = plan.Define(node, 0, table.ElementType, [.. indices.Dimensions, .. rest]);
        plan.AddStep(table.Elements switch
        {
            float[] values => new TableStep<float>(indices.Slot, output.Slot, values, width),
            double[] values => new TableStep<double>(indices.Slot, output.Slot, values, width),
            long[] values when table.ElementType == ElementType.Int64 => new TableStep<long>(indices.Slot, output.Slot, values, width),
            string[] values => new TableStep<string>(indices.Slot, output.Slot, values, width),
            _ => throw new UnsupportedNodeException($"from a table of {table.ElementType}"),
        });
    }

    /// <summary>The axes, an attribute before version 13 and an input since.</summary>
    private static int[] ReadAxes(PlanBuilder plan, NodeReader node, int? rank)
    {
        var axes = node.HasInput(1) ? plan.FindConstant(node, 1).ToIntegers() : node.Integers("axes");
        return Array.ConvertAll(axes, axis => (int)(axis < 0 && rank is { } known ? axis + known : axis));
    }
}
