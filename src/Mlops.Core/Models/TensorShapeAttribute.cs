namespace Mlops.Models;

/// <summary>Says how many elements a row of a property has: the dimensions of its tensor after the first, which is the number of rows.</summary>
/// <param name="dimensions">
/// The dimensions, each ≥ 1: <c>[TensorShape(16)]</c> for a vector of 16 elements, <c>[TensorShape(3, 224, 224)]</c> for an image whose elements lie row-major in one array.
/// None for a tensor that has no dimension but the number of rows, as the label of many classifiers.
/// </param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TensorShapeAttribute(params int[] dimensions) : Attribute
{
    /// <summary>Gets the dimensions after the first.</summary>
    public IReadOnlyList<int> Dimensions { get; } = dimensions;
}
