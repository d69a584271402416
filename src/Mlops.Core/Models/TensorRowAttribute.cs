using Mlops.Data;

namespace Mlops.Models;

/// <summary>Has the source generator of this package implement <see cref="ITensorRow{TSelf}"/> for a partial record, class or struct: one tensor for each property, or one for all numbers.</summary>
/// <remarks>
/// <para>A property takes part when it is public and the generated <see cref="ITensorRow{TSelf}.Read"/> can give it a value, by a constructor or a setter; or when it has a
/// <see cref="TensorColumnAttribute"/>. Properties of base types come first, then those of the type in the order they are written in.</para>
/// <para>A property is a number, a truth value, a text, a <see cref="DateOnly"/> (days since 1970-01-01, Int64), a <see cref="DateTime"/> or <see cref="DateTimeOffset"/>
/// (seconds since 1970-01-01T00:00Z, Float64), or an array, <see cref="ReadOnlyMemory{T}"/>, <see cref="Memory{T}"/> or immutable array of numbers, truth values or texts, whose
/// dimensions a <see cref="TensorShapeAttribute"/> tells. What is <see langword="null"/> is missing: NaN in a floating-point tensor, <c>""</c> in one of texts.</para>
/// <para>Writing numbers allocates nothing, and nothing is found by reflection. What cannot be mapped is an error of the compiler, from MLOPS001 on.</para>
/// </remarks>
/// <example><code>
/// [TensorRow(Tensor = "numeric", ElementType = ElementType.Float64)]
/// public partial record struct Day([TensorColumn("temp_max")] float? TemperatureMax, [TensorColumn("is_holiday")] bool IsHoliday, [TensorColumn("date")] DateOnly Date);
/// </code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class TensorRowAttribute : Attribute
{
    /// <summary>Gets or sets the tensor whose elements all numbers and truth values are, in order, as far as they name none of their own (<see cref="TensorColumnAttribute.Tensor"/>).</summary>
    /// <value>The default value is <see langword="null"/>: each property is a tensor of its own.</value>
    public string? Tensor { get; set; }

    /// <summary>Gets or sets the type of the elements of <see cref="Tensor"/>, to which the properties are converted.</summary>
    /// <value>Where it is not stated, the type that all its properties have.</value>
    public ElementType ElementType { get; set; }
}
