using System.Globalization;

namespace Mlops.Models;

/// <summary>One tensor of <see cref="GoldenRows"/>. One of the three lists is there: 64-bit integers have their own, since floating point would round them.</summary>
internal sealed record GoldenTensor(string Name, int[] Shape, double[]? Numbers = null, long[]? Integers = null, string?[]? Text = null)
{
    public static GoldenTensor Of(TensorBuffer buffer)
    {
        var (name, shape) = (buffer.Spec.Name, Array.ConvertAll(buffer.Shape.ToArray(), size => (int)size));
        return buffer switch
        {
            TensorBuffer<string> text => new GoldenTensor(name, shape, Text: Array.ConvertAll(text.Span.ToArray(), value => value ?? "")),
            TensorBuffer<long> integers => new GoldenTensor(name, shape, Integers: integers.Span.ToArray()),
            TensorBuffer<ulong> integers => new GoldenTensor(name, shape, Integers: Array.ConvertAll(integers.Span.ToArray(), value => unchecked((long)value))),
            _ => new GoldenTensor(name, shape, Numbers: TensorNumbers.ToDoubles(buffer)),
        };
    }

    public bool IsConsistent()
    {
        if ((Numbers is null ? 0 : 1) + (Integers is null ? 0 : 1) + (Text is null ? 0 : 1) != 1) return false;
        long length = 1;
        foreach (var size in Shape)
        {
            if (size < 0 || (size > 0 && length > Array.MaxLength / size)) return false;
            length *= size;
        }

        return length == (Numbers?.Length ?? Integers?.Length ?? Text!.Length);
    }

    /// <summary>Makes a tensor of a number of rows that holds these over and over; without rows it stays as it is.</summary>
    public GoldenTensor Repeat(int rows)
    {
        if (Shape.Length == 0 || Shape[0] == 0) return this;
        var length = (Numbers?.Length ?? Integers?.Length ?? Text!.Length) / Shape[0] * rows;
        return this with { Shape = [rows, .. Shape[1..]], Numbers = Repeat(Numbers, length), Integers = Repeat(Integers, length), Text = Repeat(Text, length) };
    }

    public bool TryFill(TensorBuffer buffer)
    {
        if (buffer.Spec.Name != Name || !Fits(buffer)) return false;
        buffer.Resize(Array.ConvertAll(Shape, size => (nint)size));
        switch (buffer)
        {
            case TensorBuffer<string> text:
                for (var i = 0; i < Text!.Length; i++) text.Span[i] = Text[i] ?? "";
                break;
            case TensorBuffer<long> integers:
                Integers!.CopyTo(integers.Span);
                break;
            case TensorBuffer<ulong> integers:
                for (var i = 0; i < Integers!.Length; i++) integers.Span[i] = unchecked((ulong)Integers[i]);
                break;
            default:
                TensorNumbers.FromDoubles(Numbers!, buffer);
                break;
        }

        return true;
    }

    public string? FindDifference(TensorBuffer actual, int rows, double tolerance)
    {
        var have = Of(actual);
        if (have.Name != Name || (have.Text is null, have.Integers is null) != (Text is null, Integers is null))
            return $"the model's output '{have.Name}' has another name or type than that of the golden rows, '{Name}'";
        var length = Numbers?.Length ?? Integers?.Length ?? Text!.Length;
        if (actual.Length != length)
            return string.Create(CultureInfo.InvariantCulture, $"output '{Name}' has {actual.Length} elements instead of {length}");
        var isExact = !Data.ElementTypes.IsFloatingPoint(actual.ElementType);
        for (var i = 0; i < length; i++)
        {
            var isSame = Text is not null ? have.Text![i] == (Text[i] ?? "")
                : Integers is not null ? have.Integers![i] == Integers[i]
                : IsClose(have.Numbers![i], Numbers![i], isExact ? 0 : tolerance);
            if (!isSame) return string.Create(CultureInfo.InvariantCulture, $"output '{Name}' of golden row {i / Math.Max(1, length / Math.Max(1, rows))} is another one");
        }

        return null;
    }

    /// <summary>NaN is close to NaN only, and an infinity to itself.</summary>
    private static bool IsClose(double have, double want, double tolerance)
        => have.Equals(want) || (double.IsFinite(want) && Math.Abs(have - want) <= tolerance * Math.Max(1, Math.Abs(want)));

    private static T[]? Repeat<T>(T[]? values, int length)
    {
        if (values is null) return null;
        var repeated = new T[length];
        for (var i = 0; i < length; i++) repeated[i] = values[i % values.Length];
        return repeated;
    }

    private bool Fits(TensorBuffer buffer)
    {
        var isRightList = buffer switch
        {
            TensorBuffer<string> => Text is not null,
            TensorBuffer<long> or TensorBuffer<ulong> => Integers is not null,
            _ => Numbers is not null,
        };
        var shape = buffer.Spec.Shape;
        if (!isRightList || shape.Count != Shape.Length) return false;
        for (var i = 1; i < Shape.Length; i++)
        {
            if (shape[i] >= 0 && shape[i] != Shape[i]) return false;
        }

        return true;
    }
}
