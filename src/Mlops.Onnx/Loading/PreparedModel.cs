namespace Mlops.Onnx;

/// <summary>A model as it is given to an evaluator.</summary>
/// <param name="Bytes">The content of an ONNX file.</param>
/// <param name="Classes">The classes of the outputs that were sequences of maps, by the name of the output.</param>
internal sealed record PreparedModel(byte[] Bytes, IReadOnlyDictionary<string, string[]> Classes);
