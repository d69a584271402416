using Mlops.Data;

namespace Mlops.Training;

/// <summary>A tensor of a graph: its place, its type, the number of elements in each row, and where its rows lie in the place.</summary>
/// <param name="Place">Where it lives.</param>
/// <param name="Slot">Which of the tensors there.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Width">The number of elements in each row.</param>
/// <param name="Offset">The element of the place at which its first row begins.</param>
/// <param name="Stride">The number of elements from one row to the next.</param>
internal sealed record GraphTensor(GraphTensorPlace Place, int Slot, ElementType Type, int Width, int Offset, int Stride);
