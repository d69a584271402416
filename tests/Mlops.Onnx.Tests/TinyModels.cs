using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx.Tests;

/// <summary>Small models that the tests build by themselves.</summary>
internal static class TinyModels
{
    /// <summary>y = x, of any type and shape.</summary>
    public static byte[] Identity(ElementType type, params int[] shape)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(new TensorSpec("x", type, shape), "rows", "a", "b");
        builder.AddOutput(new TensorSpec("y", type, shape), "rows", "a", "b");
        builder.AddNode("Identity", "", ["x"], ["y"]);
        return builder.Build();
    }

    /// <summary>y = x₀ + 2 x₁ + 3 x₂ + … + 1.</summary>
    public static byte[] Linear(int width)
    {
        var signature = new ModelSignature([TensorSpec.Of<float>("x", width)], [TensorSpec.Of<float>("y")]);
        var coefficients = Enumerable.Range(1, width).Select(i => (double)i).ToArray();
        return OnnxExporter.Export(new ModelGraph(signature, [new GraphNode(new LinearRegressorOperator(coefficients, 1), ["x"], ["y"])]));
    }

    /// <summary>Text in, text out, and a probability for each of two classes.</summary>
    public static byte[] TextClassifier()
    {
        var signature = new ModelSignature(
            [TensorSpec.Of<string>("city"), TensorSpec.Of<float>("x", 2)],
            [new TensorSpec("label", ElementType.String, [-1]), TensorSpec.Of<float>("probabilities", 2)]);
        return OnnxExporter.Export(new ModelGraph(signature,
        [
            new GraphNode(new OneHotTextOperator(["Wien", "Zürich", "東京"]), ["city"], ["cities"]),
            new GraphNode(new ConcatOperator(), ["cities", "x"], ["features"]),
            new GraphNode(new LinearClassifierOperator([[1, -1, 2, 0.5f, -0.25f]], [0.1f], ["nein", "ja ✓"], null), ["features"], ["label", "probabilities"]),
        ]));
    }

    /// <summary>y = x without the elements of which the mask is false: as many as the values say, not the shapes.</summary>
    public static byte[] Compress(bool isRowCountNamed)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", 2), "rows");
        builder.AddInput(new TensorSpec("mask", ElementType.Boolean, [-1]), "rows");
        builder.AddOutput(TensorSpec.Of<float>("y", 2), isRowCountNamed ? "kept" : "rows");
        builder.AddNode("Compress", "", ["x", "mask"], ["y"], new OnnxAttribute("axis", 0L));
        return builder.Build();
    }

    /// <summary>y = x + w with a constant w of <paramref name="width"/> elements, so that the model has a size.</summary>
    public static byte[] Heavy(int width)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", width));
        builder.AddOutput(TensorSpec.Of<float>("y", width));
        builder.AddConstant("w", Enumerable.Range(0, width).Select(i => (float)i).ToArray());
        builder.AddNode("Add", "", ["x", "w"], ["y"]);
        return builder.Build();
    }

    /// <summary>y = x W with W[row, column] = (row + column) / width, so that the model has a size and an operator that prepares its weights.</summary>
    public static byte[] Dense(int width)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", width));
        builder.AddOutput(TensorSpec.Of<float>("y", width));
        builder.AddConstant("w", Enumerable.Range(0, width).Select(row => Enumerable.Range(0, width).Select(column => (row + column) / (float)width).ToArray()).ToArray());
        builder.AddNode("MatMul", "", ["x", "w"], ["y"]);
        return builder.Build();
    }

    /// <summary>y = sin(sin(… x)), many nodes long.</summary>
    public static byte[] Slow(int nodes, int width)
    {
        var builder = new OnnxGraphBuilder();
        builder.AddInput(TensorSpec.Of<float>("x", width));
        builder.AddOutput(TensorSpec.Of<float>("y", width));
        for (var i = 0; i < nodes; i++) builder.AddNode("Sin", "", [i == 0 ? "x" : $"t{i}"], [i == nodes - 1 ? "y" : $"t{i + 1}"]);
        return builder.Build();
    }
}
