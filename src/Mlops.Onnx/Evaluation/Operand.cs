using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>A tensor of the graph: computed for each row, or a constant.</summary>
/// <param name="ElementType">The type of the elements.</param>
/// <param name="Dimensions">The dimensions after the rows; of a constant, all.</param>
/// <param name="Slot">Where it lies in the workspace; −1 for a constant.</param>
/// <param name="Constant">The constant.</param>
internal sealed record Operand(ElementType ElementType, int[] Dimensions, int Slot, ConstantTensor? Constant = null)
{
    public static Operand Of(ConstantTensor constant) => new(constant.ElementType, constant.Dimensions, -1, constant);

    public bool IsConstant => Constant is not null;

    /// <summary>Gets the number of elements in each row; of a constant, of all.</summary>
    public int Width => Dimensions.Aggregate(1, (width, size) => checked(width * size));

    /// <summary>Gets the number of dimensions, rows included.</summary>
    public int Rank => IsConstant ? Dimensions.Length : Dimensions.Length + 1;
}
