using System.Numerics;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>The compilation of calculations, element by element.</summary>
internal sealed partial class GraphCompiler
{
    private void CompileArithmetic(NodeReader node)
    {
        switch (Find(node, 0).ElementType)
        {
            case ElementType.Float32: CompileArithmetic<float>(node); break;
            case ElementType.Float64: CompileArithmetic<double>(node); break;
            // A division by zero ends ONNX Runtime; here, integers are not divided.
            case ElementType.Int64 when node.Message.Operator != "Div": CompileArithmetic<long>(node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private void CompileArithmetic<T>(NodeReader node)
        where T : unmanaged, INumber<T>
    {
        switch (node.Message.Operator)
        {
            case "Add": AddBinary<AddOperator<T>, T, T>(node); break;
            case "Sub": AddBinary<SubtractOperator<T>, T, T>(node); break;
            case "Mul": AddBinary<MultiplyOperator<T>, T, T>(node); break;
            default: AddBinary<DivideOperator<T>, T, T>(node); break;
        }
    }

    private void CompileModulo(NodeReader node)
    {
        if (Find(node, 0).ElementType != ElementType.Int64 || node.Integer("fmod", 0) != 0) throw new UnsupportedNodeException("other than of integers, with the sign of the divisor");
        if (FindConstant(node, 1).ToIntegers().Contains(0)) throw new InvalidModelException("it divides by 0");
        AddBinary<ModuloOperator, long, long>(node);
    }

    private void CompileComparison(NodeReader node)
    {
        switch (Find(node, 0).ElementType)
        {
            case ElementType.Float32: CompileComparison<float>(node); break;
            case ElementType.Float64: CompileComparison<double>(node); break;
            case ElementType.Int64: CompileComparison<long>(node); break;
            case ElementType.String when node.Message.Operator == "Equal": AddBinary<EqualTextOperator, string, bool>(node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private void CompileComparison<T>(NodeReader node)
        where T : unmanaged, INumber<T>
    {
        switch (node.Message.Operator)
        {
            case "Equal": AddBinary<EqualOperator<T>, T, bool>(node); break;
            case "Less": AddBinary<LessOperator<T>, T, bool>(node); break;
            case "LessOrEqual": AddBinary<LessOrEqualOperator<T>, T, bool>(node); break;
            case "Greater": AddBinary<GreaterOperator<T>, T, bool>(node); break;
            default: AddBinary<GreaterOrEqualOperator<T>, T, bool>(node); break;
        }
    }

    private void CompileLogic(NodeReader node)
    {
        switch (node.Message.Operator)
        {
            case "And": AddBinary<AndOperator, bool, bool>(node); break;
            case "Or": AddBinary<OrOperator, bool, bool>(node); break;
            default: AddUnary<NotOperator, bool, bool>(node); break;
        }
    }

    private void CompileFunction(NodeReader node)
    {
        switch (FindValue(node, 0).ElementType)
        {
            case ElementType.Float32: CompileFunction<float>(node); break;
            case ElementType.Float64: CompileFunction<double>(node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private void CompileFunction<T>(NodeReader node)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (node.Message.Operator)
        {
            case "IsNaN": AddUnary<IsNaNOperator<T>, T, bool>(node); break;
            case "Sigmoid": AddUnary<SigmoidOperator<T>, T, T>(node); break;
            case "Exp": AddUnary<ExpOperator<T>, T, T>(node); break;
            case "Log": AddUnary<LogOperator<T>, T, T>(node); break;
            case "Sqrt": AddUnary<SqrtOperator<T>, T, T>(node); break;
            case "Abs": AddUnary<AbsOperator<T>, T, T>(node); break;
            default: AddUnary<NegateOperator<T>, T, T>(node); break;
        }
    }

    private void CompileWhere(NodeReader node)
    {
        switch (Find(node, 1).ElementType)
        {
            case ElementType.Float32: CompileWhere<float>(node); break;
            case ElementType.Float64: CompileWhere<double>(node); break;
            case ElementType.Int64: CompileWhere<long>(node); break;
            case ElementType.String: CompileWhere<string>(node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private void CompileWhere<T>(NodeReader node)
    {
        var (condition, left, right) = (Find(node, 0), Find(node, 1), Find(node, 2));
        RequireType(condition, ElementType.Boolean);
        RequireType(right, left.ElementType);
        var dimensions = Broadcast(condition, left, right);
        var output = Define(node, 0, left.ElementType, dimensions);
        _steps.Add(new WhereStep<T>(ToSource<bool>(condition), ToSource<T>(left), ToSource<T>(right), output.Slot, output.Width));
    }

    private void CompileArgMinMax(NodeReader node)
    {
        var input = FindFeatures(node);
        if (node.Integer("axis", 0) is not (1 or -1) || node.Integer("select_last_index", 0) != 0) throw new UnsupportedNodeException("other than the first of each row");
        var output = node.Integer("keepdims", 1) != 0 ? Define(node, 0, ElementType.Int64, 1) : Define(node, 0, ElementType.Int64);
        var isMax = node.Message.Operator == "ArgMax";
        _steps.Add(input.ElementType switch
        {
            ElementType.Float32 => new ArgMinMaxStep<float>(input.Slot, input.Width, output.Slot, isMax),
            ElementType.Float64 => new ArgMinMaxStep<double>(input.Slot, input.Width, output.Slot, isMax),
            _ => throw new UnsupportedNodeException($"of {input.ElementType}"),
        });
    }

    private void AddBinary<TOperator, TIn, TOut>(NodeReader node)
        where TOperator : struct, IBinaryOperator<TIn, TOut>
    {
        var (left, right) = (Find(node, 0), Find(node, 1));
        RequireType(left, ElementTypes.Of<TIn>());
        RequireType(right, ElementTypes.Of<TIn>());
        var output = Define(node, 0, ElementTypes.Of<TOut>(), Broadcast(left, right));
        _steps.Add(new BinaryStep<TOperator, TIn, TOut>(ToSource<TIn>(left), ToSource<TIn>(right), output.Slot, output.Width));
    }

    private void AddUnary<TOperator, TIn, TOut>(NodeReader node)
        where TOperator : struct, IUnaryOperator<TIn, TOut>
    {
        var input = FindValue(node, 0);
        RequireType(input, ElementTypes.Of<TIn>());
        _steps.Add(new UnaryStep<TOperator, TIn, TOut>(input.Slot, Define(node, 0, ElementTypes.Of<TOut>(), input.Dimensions).Slot));
    }

    private static void RequireType(Operand operand, ElementType type)
    {
        if (operand.ElementType != type) throw new InvalidModelException($"an input is {operand.ElementType} where {type} belongs");
    }

    private static ElementSource<T> ToSource<T>(Operand operand) => new(operand.Slot, operand.Constant is { } constant ? (T[])constant.Elements : null, operand.Width);

    /// <summary>The dimensions after the rows of what several operands come to; each has one element, or as many as the widest.</summary>
    private static int[] Broadcast(params ReadOnlySpan<Operand> operands)
    {
        Operand? shape = null;
        foreach (var operand in operands)
        {
            if (!operand.IsConstant && (shape is null || operand.Width > shape.Width)) shape = operand;
        }

        if (shape is null) throw new UnsupportedNodeException("of constants only");
        foreach (var operand in operands)
        {
            // A constant of several rows, or one that would add dimensions or widen them, is none of the same for each row.
            var fits = operand.IsConstant
                ? operand.Rank <= shape.Rank && (operand.Width == 1 || (operand.Width == shape.Width && operand.Dimensions[^1] == shape.Dimensions[^1] && shape.Rank == 2))
                : operand.Rank == shape.Rank && (operand.Dimensions.SequenceEqual(shape.Dimensions) || (shape.Rank == 2 && operand.Width == 1));
            if (!fits) throw new UnsupportedNodeException($"of tensors of several shapes ([{string.Join(", ", operand.Dimensions)}] and [{string.Join(", ", shape.Dimensions)}] for each row)");
        }

        return shape.Dimensions;
    }
}
