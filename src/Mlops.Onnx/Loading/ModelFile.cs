namespace Mlops.Onnx;

/// <summary>The file of a model that is being loaded.</summary>
/// <param name="Bytes">Its content.</param>
/// <param name="Prepared">What evaluators are given.</param>
/// <param name="IsKept">Whether the model keeps the content.</param>
internal sealed record ModelFile(byte[] Bytes, PreparedModel Prepared, bool IsKept);
