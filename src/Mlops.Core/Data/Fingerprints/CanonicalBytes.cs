using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Mlops.Data;

/// <summary>Writes the values of columns as bytes that are the same on every platform and for every source.</summary>
/// <remarks>Little-endian; negative zero as zero, every NaN as one; truth values 0 and 1, days as days since 0001-01-01, moments as 100 ns since then.</remarks>
internal static class CanonicalBytes
{
    /// <summary>Gets the bytes of one element.</summary>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.Boolean or ElementType.Int8 or ElementType.UInt8 => 1,
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 => 2,
        ElementType.Int32 or ElementType.UInt32 or ElementType.Float32 or ElementType.Date => 4,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Float64 or ElementType.Timestamp => 8,
        _ => throw new NotSupportedException($"Values of type {type} have no fixed size."),
    };

    /// <summary>Gets some elements of a column as bytes, where they are kept in this form anyway: integers, truth values, and numbers among which is no negative zero and no NaN.</summary>
    public static bool TryGet(Column column, int start, int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!BitConverter.IsLittleEndian) return false;
        switch (column)
        {
            case Column<double> typed:
                bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count));
                return !HasOtherForms(MemoryMarshal.Cast<byte, ulong>(bytes), 1UL << 63, 0x7FF0UL << 48);
            case Column<float> typed:
                bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count));
                return !HasOtherForms(MemoryMarshal.Cast<byte, uint>(bytes), 1U << 31, 0x7F80U << 16);
            case Column<long> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<int> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<short> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<sbyte> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<ulong> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<uint> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<ushort> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<byte> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            case Column<bool> typed: bytes = MemoryMarshal.AsBytes(typed.Values.Slice(start, count)); return true;
            default: return false;
        }
    }

    /// <summary>Writes some elements of a column of any type but text.</summary>
    /// <param name="column">The column.</param>
    /// <param name="start">The first element.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="target">Receives <c>count</c> × <see cref="SizeOf"/> bytes.</param>
    public static void Write(Column column, int start, int count, Span<byte> target)
    {
        switch (column)
        {
            case Column<double> typed: WriteNumbers(typed.Values.Slice(start, count), MemoryMarshal.Cast<byte, double>(target)); Swap<double, long>(target, count); break;
            case Column<float> typed: WriteNumbers(typed.Values.Slice(start, count), MemoryMarshal.Cast<byte, float>(target)); Swap<float, int>(target, count); break;
            case Column<Half> typed: WriteHalves(typed.Values.Slice(start, count), target); break;
            case Column<DateOnly> typed: WriteDays(typed.Values.Slice(start, count), target); break;
            case Column<DateTime> typed: WriteTicks(typed.Values.Slice(start, count), target); break;
            case Column<long> typed: Copy(typed.Values.Slice(start, count), target); Swap<long, long>(target, count); break;
            case Column<int> typed: Copy(typed.Values.Slice(start, count), target); Swap<int, int>(target, count); break;
            case Column<short> typed: Copy(typed.Values.Slice(start, count), target); Swap<short, short>(target, count); break;
            case Column<sbyte> typed: Copy(typed.Values.Slice(start, count), target); break;
            case Column<ulong> typed: Copy(typed.Values.Slice(start, count), target); Swap<ulong, long>(target, count); break;
            case Column<uint> typed: Copy(typed.Values.Slice(start, count), target); Swap<uint, int>(target, count); break;
            case Column<ushort> typed: Copy(typed.Values.Slice(start, count), target); Swap<ushort, short>(target, count); break;
            case Column<byte> typed: Copy(typed.Values.Slice(start, count), target); break;
            case Column<bool> typed: Copy(typed.Values.Slice(start, count), target); break;
            default: throw new NotSupportedException($"A column of {column.Type} has no bytes of fixed size.");
        }
    }

    /// <summary>Looks for negative zeros and NaN.</summary>
    private static bool HasOtherForms<T>(ReadOnlySpan<T> bits, T sign, T infinity)
        where T : unmanaged, IBinaryInteger<T>
    {
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            var (signs, infinities, found) = (Vector512.Create(sign), Vector512.Create(infinity), Vector512<T>.Zero);
            for (; i <= bits.Length - Vector512<T>.Count; i += Vector512<T>.Count)
            {
                var vector = Vector512.Create(bits[i..]);
                found |= Vector512.Equals(vector, signs) | Vector512.GreaterThan(vector & ~signs, infinities);
            }

            if (found != Vector512<T>.Zero) return true;
        }
        else
        {
            var (signs, infinities, found) = (new Vector<T>(sign), new Vector<T>(infinity), Vector<T>.Zero);
            for (; i <= bits.Length - Vector<T>.Count; i += Vector<T>.Count)
            {
                var vector = new Vector<T>(bits[i..]);
                found |= Vector.Equals(vector, signs) | Vector.GreaterThan(vector & ~signs, infinities);
            }

            if (found != Vector<T>.Zero) return true;
        }

        for (; i < bits.Length; i++)
        {
            if (bits[i] == sign || (bits[i] & ~sign) > infinity) return true;
        }

        return false;
    }

    private static void WriteNumbers<T>(ReadOnlySpan<T> values, Span<T> target)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var i = 0;
        for (; i <= values.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            // Adding zero makes zero of negative zero; what is not equal to itself is NaN.
            var vector = new Vector<T>(values[i..]) + Vector<T>.Zero;
            Vector.ConditionalSelect(Vector.Equals(vector, vector), vector, new Vector<T>(T.NaN)).CopyTo(target[i..]);
        }

        for (; i < values.Length; i++) target[i] = T.IsNaN(values[i]) ? T.NaN : values[i] + T.Zero;
    }

    private static void WriteHalves(ReadOnlySpan<Half> values, Span<byte> target)
    {
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteHalfLittleEndian(target[(2 * i)..], Half.IsNaN(values[i]) ? Half.NaN : values[i] == Half.Zero ? Half.Zero : values[i]);
    }

    private static void WriteDays(ReadOnlySpan<DateOnly> values, Span<byte> target)
    {
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(target[(4 * i)..], values[i].DayNumber);
    }

    // Not the raw bytes of DateTime: they hold the kind, too.
    private static void WriteTicks(ReadOnlySpan<DateTime> values, Span<byte> target)
    {
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(target[(8 * i)..], values[i].Ticks);
    }

    private static void Copy<T>(ReadOnlySpan<T> values, Span<byte> target)
        where T : unmanaged
        => MemoryMarshal.AsBytes(values).CopyTo(target);

    private static void Swap<T, TBits>(Span<byte> target, int count)
        where T : unmanaged
        where TBits : unmanaged, IBinaryInteger<TBits>
    {
        if (BitConverter.IsLittleEndian) return;
        var bits = MemoryMarshal.Cast<byte, TBits>(target)[..count];
        for (var i = 0; i < bits.Length; i++) bits[i].WriteLittleEndian(MemoryMarshal.AsBytes(bits.Slice(i, 1)));
    }
}
