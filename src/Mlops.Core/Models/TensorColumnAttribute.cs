using Mlops.Data;

namespace Mlops.Models;

/// <summary>Names what a property of a <see cref="TensorRowAttribute"/> is in the model: its column, and where it is not a tensor of its own, its tensor. Without it, the property's name is the name.</summary>
/// <param name="name">The name of the column, and of its tensor unless <see cref="Tensor"/> names another one; the property's own name when <see langword="null"/>.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TensorColumnAttribute(string? name = null) : Attribute
{
    /// <summary>Gets the name of the column; the property's own name when <see langword="null"/>.</summary>
    public string? Name { get; } = name;

    /// <summary>Gets or sets the tensor that the property is a part of. Properties of the same tensor are its elements, in order.</summary>
    /// <value>The default value is <see langword="null"/>: the one of <see cref="TensorRowAttribute.Tensor"/>, or one of its own.</value>
    public string? Tensor { get; set; }

    /// <summary>Gets or sets the type of the tensor's elements, to which the property is converted: a floating-point type, or one that holds every value of the property's type.</summary>
    /// <value>Where it is not stated, that of the property.</value>
    public ElementType ElementType { get; set; }
}
