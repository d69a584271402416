using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>The translation of models other than linear ones.</summary>
internal sealed partial class OperatorTranslator
{
    private void Translate(GraphNode node, ConstantOperator constant)
    {
        if (constant.Values.Length == 0) throw Untranslatable(node, "it has no values");
        // (m) is repeated to (rows × m); the rows are those of the input.
        var (values, width, rows, shape) = (NameHelper(node, "values"), NameHelper(node, "width"), NameHelper(node, "rows"), NameHelper(node, "shape"));
        builder.AddConstant(values, constant.Values);
        builder.AddConstant(width, [(long)constant.Values.Length]);
        builder.AddNode("Shape", Core, node.Inputs, [rows], new OnnxAttribute("start", 0L), new OnnxAttribute("end", 1L));
        builder.AddNode("Concat", Core, [rows, width], [shape], new OnnxAttribute("axis", 0L));
        builder.AddNode("Expand", Core, [values, shape], node.Outputs);
    }

    /// <summary>One column of distances for each centroid: the differences are squared, not expanded into products, which would lose digits far from the origin.</summary>
    private void Translate(GraphNode node, KMeansOperator means)
    {
        if (node.Outputs.Count != 2) throw Untranslatable(node, "k-means writes two tensors, the cluster and the distances");
        if (means.Centroids.Length == 0) throw Untranslatable(node, "it has no centroids");
        var axis = NameHelper(node, "axis");
        builder.AddConstant(axis, [1L]);
        var columns = new string[means.Centroids.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var (centroid, difference) = (NameHelper(node, "centroid"), NameHelper(node, "difference"));
            columns[i] = NameHelper(node, "distance");
            builder.AddConstant(centroid, Narrow(means.Centroids[i]));
            builder.AddNode("Sub", Core, [node.Inputs[0], centroid], [difference]);
            builder.AddNode("ReduceL2", Core, [difference, axis], [columns[i]], new OnnxAttribute("keepdims", 1L));
        }

        builder.AddNode("Concat", Core, columns, [node.Outputs[1]], new OnnxAttribute("axis", 1L));
        builder.AddNode("ArgMin", Core, [node.Outputs[1]], [node.Outputs[0]], new OnnxAttribute("axis", 1L), new OnnxAttribute("keepdims", 1L));
    }
}
