using System.Buffers;
using System.Text;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Passes tensors to and from ONNX Runtime.</summary>
internal static unsafe class OrtTensors
{
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
        TakeShape(library, value, buffer, modelName);
        if (buffer is TensorBuffer<string> texts)
        {
            CopyText(library, value, texts.Span, cache!);
            return;
        }

        if (buffer.Length == 0) return;
        void* data;
        library.Check(library.Api.GetTensorMutableData(value, &data));
        var size = (long)buffer.Length * OrtElementTypes.SizeOf(buffer.ElementType);
        Buffer.MemoryCopy(data, (void*)buffer.Address, size, size);
    }

    private static void TakeShape(OrtLibrary library, nint value, TensorBuffer buffer, string modelName)
    {
        nint info;
        nuint rank;
        library.Check(library.Api.GetTensorTypeAndShape(value, &info));
        try
        {
            library.Check(library.Api.GetDimensionsCount(info, &rank));
            if ((int)rank != buffer.Shape.Length)
                throw new PredictionFailedException(modelName, $"The output '{buffer.Spec.Name}' has {rank} dimensions, but the model declares {buffer.Shape.Length}. Declare the output's shape in the model.");
            var shape = stackalloc nint[(int)rank];
            library.Check(library.Api.GetDimensions(info, (long*)shape, rank));
            var actual = new ReadOnlySpan<nint>(shape, (int)rank);
            // Memory that the caller has lent stays in use when it fits; resizing would give it back.
            if (!buffer.Shape.SequenceEqual(actual)) buffer.Resize(actual);
        }
        catch (ArgumentException error)
        {
            throw new PredictionFailedException(modelName, $"The output '{buffer.Spec.Name}' does not have the shape that the model declares: {error.Message}", error);
        }
        finally
        {
            library.Api.ReleaseTensorInfo(info);
        }
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

    private static void CopyText(OrtLibrary library, nint value, Span<string> target, TextCache cache)
    {
        if (target.IsEmpty) return;
        nuint length;
        library.Check(library.Api.GetStringTensorDataLength(value, &length));
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, checked((int)length)));
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
