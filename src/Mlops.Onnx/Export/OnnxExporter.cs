using System.Text.Json;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Exports fitted pipelines to the ONNX format.</summary>
/// <remarks>
/// <para>The exported model has the inputs and outputs of the graph, in their order, under their names, with an open number of rows; the dataset columns
/// behind each input, and the classes of each output of probabilities, travel as metadata. It needs no operators beyond ai.onnx 21 and ai.onnx.ml 3, but hashed texts and bags
/// of words, which need operators that only ONNX Runtime has (com.microsoft 1). The same graph gives the same bytes.</para>
/// <para>Steps for numbers are exported in the precision of their input, and give the same bits. Linear models and k-means ONNX Runtime computes in single precision, so that a number may differ from the one of another evaluation by some 10⁻⁶ of its size, or of the
/// size of the terms that cancel in it.</para>
/// </remarks>
public static class OnnxExporter
{
    /// <summary>Exports a model.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The content of an ONNX file; <see cref="OnnxModel.Load(ReadOnlyMemory{byte}, OnnxOptions?, string)"/> loads it.</returns>
    /// <exception cref="ArgumentException">The graph holds something that ONNX cannot express; the message names the node.</exception>
    public static byte[] Export(IGraphModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Export(model.Graph);
    }

    /// <summary>Exports a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <returns>The content of an ONNX file; <see cref="OnnxModel.Load(ReadOnlyMemory{byte}, OnnxOptions?, string)"/> loads it.</returns>
    /// <exception cref="ArgumentException">The graph holds something that ONNX cannot express; the message names the node.</exception>
    public static byte[] Export(ModelGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var version = typeof(OnnxExporter).Assembly.GetName().Version ?? new Version(0, 0);
        var builder = new OnnxGraphBuilder { GraphName = "pipeline", ProducerVersion = version.ToString(3) };
        foreach (var input in graph.Signature.Inputs) builder.AddInput(input);
        foreach (var output in graph.Signature.Outputs) builder.AddOutput(output);
        var translator = new OperatorTranslator(builder, graph);
        foreach (var node in graph.Nodes) translator.Translate(node);
        translator.CheckOutputs();
        AddNames(builder, OnnxMetadata.InputColumnsKey, graph.Signature.Inputs, input => input.Columns);
        AddNames(builder, OnnxMetadata.OutputClassesKey, graph.Signature.Outputs, output => output.Classes);
        return builder.Build();
    }

    private static void AddNames(OnnxGraphBuilder builder, string key, IEnumerable<TensorSpec> tensors, Func<TensorSpec, IReadOnlyList<string>> namesOf)
    {
        var names = tensors.Where(tensor => namesOf(tensor).Count > 0).ToDictionary(tensor => tensor.Name, tensor => namesOf(tensor).ToArray());
        if (names.Count > 0) builder.AddProperty(key, JsonSerializer.Serialize(names, OnnxJson.Default.DictionaryStringStringArray));
    }
}
