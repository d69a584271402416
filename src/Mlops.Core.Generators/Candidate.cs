using Microsoft.CodeAnalysis;

namespace Mlops.Core.Generators;

/// <summary>A property on its way into a tensor.</summary>
/// <param name="Symbol">The property.</param>
/// <param name="Shape">How it holds its elements.</param>
/// <param name="Element">The type of its elements.</param>
/// <param name="IsNullable">Whether it can be missing.</param>
/// <param name="Dimensions">Its dimensions, without the rows.</param>
/// <param name="Column">The name of its column.</param>
/// <param name="Tensor">The name of its tensor.</param>
/// <param name="IsTensorNamed">Whether the tensor was named as such, so that others may lie in it too.</param>
/// <param name="TensorElement">The type of the tensor's elements, where it is stated.</param>
internal sealed record Candidate(
    IPropertySymbol Symbol, MemberShape Shape, Element Element, bool IsNullable, IReadOnlyList<int> Dimensions, string Column, string Tensor, bool IsTensorNamed, Element? TensorElement)
{
    public string FullName => $"{Symbol.ContainingType.Name}.{Symbol.Name}";

    public int Width => Dimensions.Aggregate(1, (product, size) => product * size);
}
