namespace Mlops.Models;

/// <summary>Leaves a property out of the tensors of a <see cref="TensorRowAttribute"/>; reading a row gives it its default value.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class TensorIgnoreAttribute : Attribute;
