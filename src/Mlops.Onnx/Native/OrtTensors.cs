using System.Buffers;
using System.Text;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Passes tensors to and from ONNX Runtime.</summary>
internal static unsafe class OrtTensors
{
    /// <summary>Dimensions for which a shape needs no memory of its own.</summary>
    public const int MaxStackRank = 8;

    /// <summary>Makes a value over the memory of a buffer, or, for text, a value with a copy; the caller releases it.</summary>
    public static nint Create(OrtLibrary library, TensorBuffer buffer)
    {
        nint value;
        fixed (nint* shape = buffer.Shape)
        {
            if (buffer is TensorBuffer<string> texts) return CreateText(library, texts.Span, (long*)shape, (nuint)texts.Shape.Length);
            // A buffer that never held an element has no address; ONNX Runtime wants one all the same.
            var data = buffer.Address == 0 ? &value : (void*)buffer.Address;
            var size = (nuint)buffer.Length * (nuint)OrtElementTypes.SizeOf(buffer.ElementType);
            library.Check(library.Api.CreateTensorWithData(library.CpuMemory, data, size, (long*)shape, (nuint)buffer.Shape.Length, OrtElementTypes.ToOnnx(buffer.ElementType), &value));
        }

        return value;
    }

    /// <summary>Copies a value that ONNX Runtime has allocated into a buffer, which takes its shape.</summary>
    public static void CopyTo(OrtLibrary library, nint value, TensorBuffer buffer, TextCache? cache, string modelName)
    {
        Span<nint> place = stackalloc nint[MaxStackRank];
        Resize(buffer, ReadShape(library, value, buffer.Spec, buffer.Shape.Length, place, modelName), modelName);
        CopyElements(library, value, buffer, 0, buffer.Length, cache, modelName);
    }

    /// <summary>Gives a buffer the shape of what the model has computed.</summary>
    public static void Resize(TensorBuffer buffer, ReadOnlySpan<nint> shape, string modelName)
    {
        // Memory that the caller has lent stays in use when it fits; resizing would give it back.
        if (buffer.Shape.SequenceEqual(shape)) return;
        try
        {
            buffer.Resize(shape);
        }
        catch (ArgumentException error)
        {
            throw new PredictionFailedException(modelName, $"The output '{buffer.Spec.Name}' does not have the shape that the model declares: {error.Message}", error);
        }
    }

    /// <summary>Reads the shape of a value.</summary>
    /// <param name="library">ONNX Runtime.</param>
    /// <param name="value">The value.</param>
    /// <param name="spec">The output, for the message.</param>
    /// <param name="rank">The number of dimensions that it must have.</param>
    /// <param name="place">Where the shape may be put.</param>
    /// <param name="modelName">The model, for the message.</param>
    public static ReadOnlySpan<nint> ReadShape(OrtLibrary library, nint value, TensorSpec spec, int rank, Span<nint> place, string modelName)
    {
        nint info;
        nuint actual;
        library.Check(library.Api.GetTensorTypeAndShape(value, &info));
        try
        {
            library.Check(library.Api.GetDimensionsCount(info, &actual));
            if ((int)actual != rank)
                throw new PredictionFailedException(modelName, $"The output '{spec.Name}' has {actual} dimensions, but the model declares {rank}. Declare the output's shape in the model.");
            var shape = rank <= place.Length ? place[..rank] : new nint[rank];
            fixed (nint* sizes = shape) library.Check(library.Api.GetDimensions(info, (long*)sizes, actual));
            return shape;
        }
        finally
        {
            library.Api.ReleaseTensorInfo(info);
        }
    }

    /// <summary>Copies the elements of a value to a place in a buffer that has room for them.</summary>
    public static void CopyElements(OrtLibrary library, nint value, TensorBuffer buffer, int start, int length, TextCache? cache, string modelName)
    {
        if (length == 0) return;
        if (buffer is TensorBuffer<string> texts)
        {
            CopyText(library, value, texts.Span.Slice(start, length), cache!, buffer.Spec, modelName);
            return;
        }

        void* data;
        library.Check(library.Api.GetTensorMutableData(value, &data));
        var width = (long)OrtElementTypes.SizeOf(buffer.ElementType);
        Buffer.MemoryCopy(data, (byte*)buffer.Address + (start * width), length * width, length * width);
    }

    /// <summary>Copies the rows of a value to every <paramref name="count"/>-th place for rows of their width, from the place <paramref name="first"/> on.</summary>
    public static void ScatterElements(OrtLibrary library, nint value, TensorBuffer buffer, int rows, int first, int count, TextCache? cache, string modelName)
    {
        var width = buffer.Length / count / rows;
        if (buffer is TensorBuffer<string> texts)
        {
            var all = new string[rows * width];
            CopyText(library, value, all, cache!, buffer.Spec, modelName);
            for (var row = 0; row < rows; row++) all.AsSpan(row * width, width).CopyTo(texts.Span[(((row * count) + first) * width)..]);
            return;
        }

        void* data;
        library.Check(library.Api.GetTensorMutableData(value, &data));
        var size = (long)width * OrtElementTypes.SizeOf(buffer.ElementType);
        for (var row = 0L; row < rows; row++) Buffer.MemoryCopy((byte*)data + (row * size), (byte*)buffer.Address + (((row * count) + first) * size), size, size);
    }

    private static nint CreateText(OrtLibrary library, ReadOnlySpan<string> texts, long* shape, nuint rank)
    {
        nint value;
        library.Check(library.Api.CreateTensor(library.Allocator, shape, rank, OrtElementTypes.Text, &value));
        try
        {
            for (var i = 0; i < texts.Length; i++)
            {
                if (string.IsNullOrEmpty(texts[i])) continue;
                byte* target;
                var length = Encoding.UTF8.GetByteCount(texts[i]);
                library.Check(library.Api.GetResizedStringElement(value, (nuint)i, (nuint)length, &target));
                Encoding.UTF8.GetBytes(texts[i], new Span<byte>(target, length));
            }

            return value;
        }
        catch
        {
            library.Api.ReleaseValue(value);
            throw;
        }
    }

    private static void CopyText(OrtLibrary library, nint value, Span<string> target, TextCache cache, TensorSpec spec, string modelName)
    {
        nuint length;
        library.Check(library.Api.GetStringTensorDataLength(value, &length));
        if (length > (nuint)Array.MaxLength)
            throw new PredictionFailedException(modelName, $"The texts of the output '{spec.Name}' have {length} bytes; at most {Array.MaxLength} can be read. Predict fewer rows at once.");
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, (int)length));
        var offsets = ArrayPool<nuint>.Shared.Rent(target.Length);
        try
        {
            fixed (byte* data = bytes)
            fixed (nuint* starts = offsets)
                library.Check(library.Api.GetStringTensorContent(value, data, length, starts, (nuint)target.Length));
            for (var i = 0; i < target.Length; i++)
            {
                var end = i + 1 < target.Length ? offsets[i + 1] : length;
                target[i] = cache.Get(bytes.AsSpan((int)offsets[i]..(int)end));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<nuint>.Shared.Return(offsets);
        }
    }
}
