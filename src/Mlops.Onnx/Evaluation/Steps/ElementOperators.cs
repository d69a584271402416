using System.Numerics;

namespace Mlops.Onnx;

/// <summary>What becomes of two elements. A type by itself, so that the compiler puts it into the loop.</summary>
internal interface IBinaryOperator<TIn, TOut>
{
    static abstract TOut Apply(TIn left, TIn right);
}

/// <summary>What becomes of one element.</summary>
internal interface IUnaryOperator<TIn, TOut>
{
    static abstract TOut Apply(TIn value);
}

internal readonly struct AddOperator<T> : IBinaryOperator<T, T>
    where T : IAdditionOperators<T, T, T>
{
    public static T Apply(T left, T right) => left + right;
}

internal readonly struct SubtractOperator<T> : IBinaryOperator<T, T>
    where T : ISubtractionOperators<T, T, T>
{
    public static T Apply(T left, T right) => left - right;
}

internal readonly struct MultiplyOperator<T> : IBinaryOperator<T, T>
    where T : IMultiplyOperators<T, T, T>
{
    public static T Apply(T left, T right) => left * right;
}

internal readonly struct DivideOperator<T> : IBinaryOperator<T, T>
    where T : IDivisionOperators<T, T, T>
{
    public static T Apply(T left, T right) => left / right;
}

/// <summary>The remainder with the sign of the divisor.</summary>
internal readonly struct ModuloOperator : IBinaryOperator<long, long>
{
    public static long Apply(long left, long right)
    {
        // The remainder by −1 of the smallest number ends the process.
        if (right == -1) return 0;
        var remainder = left % right;
        return remainder != 0 && (remainder ^ right) < 0 ? remainder + right : remainder;
    }
}

internal readonly struct EqualOperator<T> : IBinaryOperator<T, bool>
    where T : IEquatable<T>, IEqualityOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left == right;
}

internal readonly struct EqualTextOperator : IBinaryOperator<string, bool>
{
    public static bool Apply(string left, string right) => left == right;
}

internal readonly struct LessOperator<T> : IBinaryOperator<T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left < right;
}

internal readonly struct LessOrEqualOperator<T> : IBinaryOperator<T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left <= right;
}

internal readonly struct GreaterOperator<T> : IBinaryOperator<T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left > right;
}

internal readonly struct GreaterOrEqualOperator<T> : IBinaryOperator<T, bool>
    where T : IComparisonOperators<T, T, bool>
{
    public static bool Apply(T left, T right) => left >= right;
}

internal readonly struct AndOperator : IBinaryOperator<bool, bool>
{
    public static bool Apply(bool left, bool right) => left && right;
}

internal readonly struct OrOperator : IBinaryOperator<bool, bool>
{
    public static bool Apply(bool left, bool right) => left || right;
}

internal readonly struct NotOperator : IUnaryOperator<bool, bool>
{
    public static bool Apply(bool value) => !value;
}

internal readonly struct IsNaNOperator<T> : IUnaryOperator<T, bool>
    where T : INumberBase<T>
{
    public static bool Apply(T value) => T.IsNaN(value);
}

internal readonly struct SigmoidOperator<T> : IUnaryOperator<T, T>
    where T : IBinaryFloatingPointIeee754<T>
{
    public static T Apply(T value) => PostTransforms.Logistic(value);
}

internal readonly struct ExpOperator<T> : IUnaryOperator<T, T>
    where T : IExponentialFunctions<T>
{
    public static T Apply(T value) => T.Exp(value);
}

internal readonly struct LogOperator<T> : IUnaryOperator<T, T>
    where T : ILogarithmicFunctions<T>
{
    public static T Apply(T value) => T.Log(value);
}

internal readonly struct SqrtOperator<T> : IUnaryOperator<T, T>
    where T : IRootFunctions<T>
{
    public static T Apply(T value) => T.Sqrt(value);
}

internal readonly struct AbsOperator<T> : IUnaryOperator<T, T>
    where T : INumberBase<T>
{
    public static T Apply(T value) => T.Abs(value);
}

internal readonly struct NegateOperator<T> : IUnaryOperator<T, T>
    where T : INumberBase<T>
{
    public static T Apply(T value) => -value;
}
