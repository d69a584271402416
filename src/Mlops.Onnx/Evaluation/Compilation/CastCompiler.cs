using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>Compiles casts.</summary>
internal static class CastCompiler
{
    public static void CompileCast(PlanBuilder plan, NodeReader node)
    {
        var input = plan.FindValue(node, 0);
        var number = node.Integer("to", 0);
        var type = OrtElementTypes.FromOnnx((int)number) ?? throw new UnsupportedNodeException($"to {OrtElementTypes.NameOf((int)number)}");
        PlanBuilder.RequireKnownType(type);
        if (type == input.ElementType) plan.Name(node, 0, input);
        else AddCast(plan, input, plan.Define(node, 0, type, input.Dimensions));
    }

    /// <summary>Gets the elements as another type; the tensor itself where they are of that type.</summary>
    public static Operand CastTo(PlanBuilder plan, Operand input, ElementType type)
    {
        if (input.ElementType == type) return input;
        var output = new Operand(type, input.Dimensions, plan.AddSlot(type, input.Width));
        AddCast(plan, input, output);
        return output;
    }

    /// <summary>Adds a cast with the rounding of C: what an integer cannot hold becomes what the processor makes of it, as in ONNX Runtime.</summary>
    private static void AddCast(PlanBuilder plan, Operand input, Operand output)
    {
        EvaluationStep Cast<TFrom, TTo>(Func<TFrom, TTo> cast) => new CastStep<TFrom, TTo>(input.Slot, output.Slot, cast);
        plan.AddStep((input.ElementType, output.ElementType) switch
        {
            (ElementType.Float32, ElementType.Float64) => Cast<float, double>(static value => value),
            (ElementType.Float32, ElementType.Int64) => Cast<float, long>(float.ConvertToIntegerNative<long>),
            (ElementType.Float32, ElementType.Int32) => Cast<float, int>(float.ConvertToIntegerNative<int>),
            (ElementType.Float32, ElementType.Boolean) => Cast<float, bool>(static value => value != 0),
            (ElementType.Float64, ElementType.Float32) => Cast<double, float>(static value => (float)value),
            (ElementType.Float64, ElementType.Int64) => Cast<double, long>(double.ConvertToIntegerNative<long>),
            (ElementType.Float64, ElementType.Int32) => Cast<double, int>(double.ConvertToIntegerNative<int>),
            (ElementType.Float64, ElementType.Boolean) => Cast<double, bool>(static value => value != 0),
            (ElementType.Int64, ElementType.Float32) => Cast<long, float>(static value => value),
            (ElementType.Int64, ElementType.Float64) => Cast<long, double>(static value => value),
            (ElementType.Int64, ElementType.Int32) => Cast<long, int>(static value => unchecked((int)value)),
            (ElementType.Int64, ElementType.Boolean) => Cast<long, bool>(static value => value != 0),
            (ElementType.Int32, ElementType.Float32) => Cast<int, float>(static value => value),
            (ElementType.Int32, ElementType.Float64) => Cast<int, double>(static value => value),
            (ElementType.Int32, ElementType.Int64) => Cast<int, long>(static value => value),
            (ElementType.Int32, ElementType.Boolean) => Cast<int, bool>(static value => value != 0),
            (ElementType.Boolean, ElementType.Float32) => Cast<bool, float>(static value => value ? 1 : 0),
            (ElementType.Boolean, ElementType.Float64) => Cast<bool, double>(static value => value ? 1 : 0),
            (ElementType.Boolean, ElementType.Int64) => Cast<bool, long>(static value => value ? 1 : 0),
            (ElementType.Boolean, ElementType.Int32) => Cast<bool, int>(static value => value ? 1 : 0),
            _ => throw new UnsupportedNodeException($"from {input.ElementType} to {output.ElementType}"),
        });
    }
}
