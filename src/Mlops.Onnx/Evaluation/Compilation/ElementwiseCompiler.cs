using System.Numerics;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>Compiles calculations, element by element.</summary>
internal static class ElementwiseCompiler
{
    public static void CompileArithmetic(PlanBuilder plan, NodeReader node)
    {
        switch (plan.Find(node, 0).ElementType)
        {
            case ElementType.Float32: CompileArithmetic<float>(plan, node); break;
            case ElementType.Float64: CompileArithmetic<double>(plan, node); break;
            // A division by zero ends ONNX Runtime; here, integers are not divided.
            case ElementType.Int64 when node.Message.Operator != "Div": CompileArithmetic<long>(plan, node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private static void CompileArithmetic<T>(PlanBuilder plan, NodeReader node)
        where T : unmanaged, INumber<T>
    {
        switch (node.Message.Operator)
        {
            case "Add": AddBinary<AddOperator<T>, T, T>(plan, node); break;
            case "Sub": AddBinary<SubtractOperator<T>, T, T>(plan, node); break;
            case "Mul": AddBinary<MultiplyOperator<T>, T, T>(plan, node); break;
            default: AddBinary<DivideOperator<T>, T, T>(plan, node); break;
        }
    }

    public static void CompileModulo(PlanBuilder plan, NodeReader node)
    {
        if (plan.Find(node, 0).ElementType != ElementType.Int64 || node.Integer("fmod", 0) != 0) throw new UnsupportedNodeException("other than of integers, with the sign of the divisor");
        if (plan.FindConstant(node, 1).ToIntegers().Contains(0)) throw new InvalidModelException("it divides by 0");
        AddBinary<ModuloOperator, long, long>(plan, node);
    }

    public static void CompileComparison(PlanBuilder plan, NodeReader node)
    {
        switch (plan.Find(node, 0).ElementType)
        {
            case ElementType.Float32: CompileComparison<float>(plan, node); break;
            case ElementType.Float64: CompileComparison<double>(plan, node); break;
            case ElementType.Int64: CompileComparison<long>(plan, node); break;
            case ElementType.String when node.Message.Operator == "Equal": AddBinary<EqualTextOperator, string, bool>(plan, node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private static void CompileComparison<T>(PlanBuilder plan, NodeReader node)
        where T : unmanaged, INumber<T>
    {
        switch (node.Message.Operator)
        {
            case "Equal": AddBinary<EqualOperator<T>, T, bool>(plan, node); break;
            case "Less": AddBinary<LessOperator<T>, T, bool>(plan, node); break;
            case "LessOrEqual": AddBinary<LessOrEqualOperator<T>, T, bool>(plan, node); break;
            case "Greater": AddBinary<GreaterOperator<T>, T, bool>(plan, node); break;
            default: AddBinary<GreaterOrEqualOperator<T>, T, bool>(plan, node); break;
        }
    }

    public static void CompileLogic(PlanBuilder plan, NodeReader node)
    {
        switch (node.Message.Operator)
        {
            case "And": AddBinary<AndOperator, bool, bool>(plan, node); break;
            case "Or": AddBinary<OrOperator, bool, bool>(plan, node); break;
            default: AddUnary<NotOperator, bool, bool>(plan, node); break;
        }
    }

    public static void CompileFunction(PlanBuilder plan, NodeReader node)
    {
        switch (plan.FindValue(node, 0).ElementType)
        {
            case ElementType.Float32: CompileFunction<float>(plan, node); break;
            case ElementType.Float64: CompileFunction<double>(plan, node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private static void CompileFunction<T>(PlanBuilder plan, NodeReader node)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (node.Message.Operator)
        {
            case "IsNaN": AddUnary<IsNaNOperator<T>, T, bool>(plan, node); break;
            case "Sigmoid": AddUnary<SigmoidOperator<T>, T, T>(plan, node); break;
            case "Exp": AddUnary<ExpOperator<T>, T, T>(plan, node); break;
            case "Log": AddUnary<LogOperator<T>, T, T>(plan, node); break;
            case "Sqrt": AddUnary<SqrtOperator<T>, T, T>(plan, node); break;
            case "Abs": AddUnary<AbsOperator<T>, T, T>(plan, node); break;
            default: AddUnary<NegateOperator<T>, T, T>(plan, node); break;
        }
    }

    public static void CompileWhere(PlanBuilder plan, NodeReader node)
    {
        switch (plan.Find(node, 1).ElementType)
        {
            case ElementType.Float32: CompileWhere<float>(plan, node); break;
            case ElementType.Float64: CompileWhere<double>(plan, node); break;
            case ElementType.Int64: CompileWhere<long>(plan, node); break;
            case ElementType.String: CompileWhere<string>(plan, node); break;
            case var type: throw new UnsupportedNodeException($"of {type}");
        }
    }

    private static void CompileWhere<T>(PlanBuilder plan, NodeReader node)
    {
        var (condition, left, right) = (plan.Find(node, 0), plan.Find(node, 1), plan.Find(node, 2));
        RequireType(condition, ElementType.Boolean);
        RequireType(right, left.ElementType);
        var dimensions = Broadcast(condition, left, right);
        var output = plan.Define(node, 0, left.ElementType, dimensions);
        plan.AddStep(new WhereStep<T>(ToSource<bool>(condition), ToSource<T>(left), ToSource<T>(right), output.Slot, output.Width));
    }

    public static void CompileArgMinMax(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindFeatures(node);
        if (node.Integer("axis", 0) is not (1 or -1) || node.Integer("select_last_index", 0) != 0) throw new UnsupportedNodeException("other than the first of each row");
        var output = node.Integer("keepdims", 1) != 0 ? plan.Define(node, 0, ElementType.Int64, 1) : plan.Define(node, 0, ElementType.Int64);
        var isMax = node.Message.Operator == "ArgMax";
        plan.AddStep(input.ElementType switch
        {
            ElementType.Float32 => new ArgMinMaxStep<float>(input.Slot, input.Width, output.Slot, isMax),
            ElementType.Float64 => new ArgMinMaxStep<double>(input.Slot, input.Width, output.Slot, isMax),
            _ => throw new UnsupportedNodeException($"of {input.ElementType}"),
        });
    }

    private static void AddBinary<TOperator, TIn, TOut>(PlanBuilder plan, NodeReader node)
        where TOperator : struct, IBinaryOperator<TIn, TOut>
    {
        var (left, right) = (plan.Find(node, 0), plan.Find(node, 1));
        RequireType(left, ElementTypes.Of<TIn>());
        RequireType(right, ElementTypes.Of<TIn>());
        var output = plan.Define(node, 0, ElementTypes.Of<TOut>(), Broadcast(left, right));
        plan.AddStep(new BinaryStep<TOperator, TIn, TOut>(ToSource<TIn>(left), ToSource<TIn>(right), output.Slot, output.Width));
    }

    private static void AddUnary<TOperator, TIn, TOut>(PlanBuilder plan, NodeReader node)
        where TOperator : struct, IUnaryOperator<TIn, TOut>
    {
        var input = plan.FindValue(node, 0);
        RequireType(input, ElementTypes.Of<TIn>());
        plan.AddStep(new UnaryStep<TOperator, TIn, TOut>(input.Slot, plan.Define(node, 0, ElementTypes.Of<TOut>(), input.Dimensions).Slot));
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
