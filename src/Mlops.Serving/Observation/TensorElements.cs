using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Elements of tensors, whatever their type: as bytes, as text, copied.</summary>
internal static class TensorElements
{
    /// <summary>What the text of a number takes at most, in bytes.</summary>
    public const int LongestNumber = 40;

    /// <summary>Gets the elements of a tensor of anything but text as they are in memory.</summary>
    public static ReadOnlySpan<byte> BytesOf(TensorBuffer buffer) => buffer switch
    {
        TensorBuffer<float> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<double> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<long> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<int> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<bool> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<short> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<sbyte> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<ulong> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<uint> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<ushort> typed => MemoryMarshal.AsBytes(typed.Span),
        TensorBuffer<byte> typed => typed.Span,
        TensorBuffer<Half> typed => MemoryMarshal.AsBytes(typed.Span),
        _ => throw new ArgumentException($"'{buffer.Spec.Name}' holds {buffer.ElementType}.", nameof(buffer)),
    };

    /// <summary>Gets how many bytes an element takes; 0 for text.</summary>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.Boolean or ElementType.Int8 or ElementType.UInt8 => 1,
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 => 2,
        ElementType.Int32 or ElementType.UInt32 or ElementType.Float32 => 4,
        ElementType.String => 0,
        _ => 8,
    };

    /// <summary>Writes an element as text that is read back as the same value.</summary>
    /// <param name="type">The type of the elements.</param>
    /// <param name="elements">The elements as they are in memory.</param>
    /// <param name="index">Which one.</param>
    /// <param name="target">Room for <see cref="LongestNumber"/> bytes.</param>
    /// <param name="isFinite">Whether it is neither NaN nor infinite.</param>
    /// <returns>The number of bytes; 0 where the value is missing, which is what NaN says.</returns>
    public static int Format(ElementType type, ReadOnlySpan<byte> elements, int index, Span<byte> target, out bool isFinite)
    {
        isFinite = true;
        switch (type)
        {
            case ElementType.Float32:
                var single = Read<float>(elements, index);
                isFinite = float.IsFinite(single);
                return float.IsNaN(single) ? 0 : Format(single, target);
            case ElementType.Float64:
                var number = Read<double>(elements, index);
                isFinite = double.IsFinite(number);
                return double.IsNaN(number) ? 0 : Format(number, target);
            case ElementType.Float16:
                var half = Read<Half>(elements, index);
                isFinite = Half.IsFinite(half);
                return Half.IsNaN(half) ? 0 : Format(half, target);
            case ElementType.Boolean:
                var word = elements[index] != 0 ? "true"u8 : "false"u8;
                word.CopyTo(target);
                return word.Length;
            case ElementType.Int8: return Format(Read<sbyte>(elements, index), target);
            case ElementType.Int16: return Format(Read<short>(elements, index), target);
            case ElementType.Int32: return Format(Read<int>(elements, index), target);
            case ElementType.Int64: return Format(Read<long>(elements, index), target);
            case ElementType.UInt8: return Format(elements[index], target);
            case ElementType.UInt16: return Format(Read<ushort>(elements, index), target);
            case ElementType.UInt32: return Format(Read<uint>(elements, index), target);
            default: return Format(Read<ulong>(elements, index), target);
        }
    }

    /// <summary>Gets an element as text; <see langword="null"/> when it is missing.</summary>
    public static string? ToText(TensorBuffer source, int index)
    {
        if (source is TensorBuffer<string> texts) return string.IsNullOrEmpty(texts.Span[index]) ? null : texts.Span[index];
        Span<byte> utf8 = stackalloc byte[LongestNumber];
        var length = Format(source.ElementType, BytesOf(source), index, utf8, out _);
        return length == 0 ? null : System.Text.Encoding.UTF8.GetString(utf8[..length]);
    }

    /// <summary>Copies a whole tensor into one of the same type.</summary>
    public static void Copy(TensorBuffer source, TensorBuffer target)
    {
        target.Resize(source.Shape);
        if (source is TensorBuffer<string> texts) texts.Span.CopyTo(((TensorBuffer<string>)target).Span);
        else BytesOf(source).CopyTo(Writable(BytesOf(target)));
    }

    /// <summary>Copies some of the elements of each row.</summary>
    public static void CopySome(TensorBuffer source, int width, int[] elements, TensorBuffer target)
    {
        var rows = source.Length / width;
        target.Resize(rows, elements.Length);
        if (source is TensorBuffer<string> texts)
        {
            var copies = ((TensorBuffer<string>)target).Span;
            for (var row = 0; row < rows; row++)
            {
                for (var i = 0; i < elements.Length; i++) copies[(row * elements.Length) + i] = texts.Span[(row * width) + elements[i]];
            }

            return;
        }

        var size = SizeOf(source.ElementType);
        var from = BytesOf(source);
        var to = Writable(BytesOf(target));
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < elements.Length; i++) from.Slice(((row * width) + elements[i]) * size, size).CopyTo(to[(((row * elements.Length) + i) * size)..]);
        }
    }

    private static Span<byte> Writable(ReadOnlySpan<byte> bytes) => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(bytes), bytes.Length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Read<T>(ReadOnlySpan<byte> elements, int index)
        where T : unmanaged => MemoryMarshal.Read<T>(elements[(index * Unsafe.SizeOf<T>())..]);

    private static int Format<T>(T value, Span<byte> target)
        where T : IUtf8SpanFormattable
    {
        value.TryFormat(target, out var written, default, CultureInfo.InvariantCulture);
        return written;
    }
}
