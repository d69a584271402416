using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text.Json;
using Mlops.Data;

namespace Mlops.Models;

/// <summary>Makes elements of tensors of values that are known only at run time. Messages name types, never values.</summary>
internal static class DynamicValue
{
    public static bool IsMissing(object? value) => value is null or DBNull or JsonElement { ValueKind: JsonValueKind.Null or JsonValueKind.Undefined };

    /// <summary>Gets the elements of a vector; a single value is its only element.</summary>
    public static IEnumerable<object?> Elements(object value) => value switch
    {
        string => [value],
        JsonElement { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Select(item => (object?)item),
        IDictionary => [value],
        IEnumerable items => items.Cast<object?>(),
        ReadOnlyMemory<float> memory => memory.ToArray().Cast<object?>(),
        ReadOnlyMemory<double> memory => memory.ToArray().Cast<object?>(),
        ReadOnlyMemory<long> memory => memory.ToArray().Cast<object?>(),
        ReadOnlyMemory<int> memory => memory.ToArray().Cast<object?>(),
        Memory<float> memory => memory.ToArray().Cast<object?>(),
        Memory<double> memory => memory.ToArray().Cast<object?>(),
        Memory<long> memory => memory.ToArray().Cast<object?>(),
        Memory<int> memory => memory.ToArray().Cast<object?>(),
        _ => [value],
    };

    /// <summary>Converts a value to an element, if the element holds it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="element">The element.</param>
    /// <param name="problem">What is wrong, and what to give instead.</param>
    public static bool TryConvert<T>(object? value, [MaybeNullWhen(false)] out T element, out string problem)
    {
        element = default;
        problem = "";
        object? converted = ElementTypes.Of<T>() switch
        {
            ElementType.String => value switch
            {
                string text => text,
                JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
                _ => null,
            },
            ElementType.Boolean => Number<int>(value, ref problem) switch
            {
                0 => false,
                1 => true,
                null => null,
                _ => Refuse("a truth value", ref problem),
            },
            ElementType.Float32 => Number<float>(value, ref problem),
            ElementType.Float64 => Number<double>(value, ref problem),
            ElementType.Float16 => Number<Half>(value, ref problem),
            ElementType.Int64 => Number<long>(value, ref problem),
            ElementType.Int32 => Number<int>(value, ref problem),
            ElementType.Int16 => Number<short>(value, ref problem),
            ElementType.Int8 => Number<sbyte>(value, ref problem),
            ElementType.UInt64 => Number<ulong>(value, ref problem),
            ElementType.UInt32 => Number<uint>(value, ref problem),
            ElementType.UInt16 => Number<ushort>(value, ref problem),
            _ => Number<byte>(value, ref problem),
        };
        if (converted is T result)
        {
            element = result;
            return true;
        }

        if (problem.Length == 0) problem = $"A value of type {ElementTypes.Of<T>()} was expected; {Describe(value)} was given.";
        return false;
    }

    private static T? Number<T>(object? value, ref string problem)
        where T : struct, INumberBase<T> => value switch
        {
            bool flag => flag ? T.One : T.Zero,
            double number => Fit<double, T>(number, ref problem),
            float number => Fit<float, T>(number, ref problem),
            Half number => Fit<Half, T>(number, ref problem),
            decimal number => Fit<decimal, T>(number, ref problem),
            long number => Fit<long, T>(number, ref problem),
            int number => Fit<int, T>(number, ref problem),
            short number => Fit<short, T>(number, ref problem),
            sbyte number => Fit<sbyte, T>(number, ref problem),
            ulong number => Fit<ulong, T>(number, ref problem),
            uint number => Fit<uint, T>(number, ref problem),
            ushort number => Fit<ushort, T>(number, ref problem),
            byte number => Fit<byte, T>(number, ref problem),
            DateOnly day => Fit<long, T>(TensorRowElements.FromDate(day), ref problem),
            DateTime moment => Fit<double, T>(TensorRowElements.FromMoment(moment), ref problem),
            DateTimeOffset moment => Fit<double, T>(TensorRowElements.FromMoment(moment.UtcDateTime), ref problem),
            JsonElement { ValueKind: JsonValueKind.True } => T.One,
            JsonElement { ValueKind: JsonValueKind.False } => T.Zero,
            JsonElement { ValueKind: JsonValueKind.Number } number => number.TryGetInt64(out var whole) ? Fit<long, T>(whole, ref problem)
                : number.TryGetUInt64(out var large) ? Fit<ulong, T>(large, ref problem) : Fit<double, T>(number.GetDouble(), ref problem),
            _ => null,
        };

    /// <summary>Floating-point numbers may be rounded; integers are held whole or not at all.</summary>
    private static TTo? Fit<TFrom, TTo>(TFrom number, ref string problem)
        where TFrom : struct, INumberBase<TFrom>
        where TTo : struct, INumberBase<TTo>
    {
        var result = TTo.CreateSaturating(number);
        if (ElementTypes.Of<TTo>().IsFloatingPoint() || (!TFrom.IsNaN(number) && TFrom.CreateSaturating(result) == number)) return result;
        problem = $"The number does not fit into {ElementTypes.Of<TTo>()}. Give a whole number within its range.";
        return null;
    }

    private static object? Refuse(string expected, ref string problem)
    {
        problem = $"The number is not {expected}. Give true or false, or 1 or 0.";
        return null;
    }

    private static string Describe(object? value) => value switch
    {
        null => "none",
        JsonElement json => $"a JSON {json.ValueKind}",
        _ => $"one of type {value.GetType().Name}",
    };
}
