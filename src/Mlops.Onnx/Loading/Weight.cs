using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>A constant tensor of a model's graph whose elements lie in the file as they do in memory.</summary>
/// <param name="Name">The name.</param>
/// <param name="ElementType">The type of the elements.</param>
/// <param name="Shape">The dimensions.</param>
/// <param name="Data">Where the elements lie in the file, in bytes.</param>
internal sealed record Weight(string Name, ElementType ElementType, long[] Shape, (int Offset, int Length) Data);
