using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Turns sequences that ONNX Runtime gives into tensors.</summary>
internal static unsafe class OrtSequences
{
    /// <summary>Stacks the tensors of a sequence: shape (1 × tensors × the dimensions of each) or, where <paramref name="hasRows"/>, (rows × tensors × the other dimensions of each).</summary>
    public static void CopyTensors(OrtLibrary library, nint sequence, TensorBuffer buffer, bool hasRows, TextCache? cache, string modelName)
    {
        var count = CountOf(library, sequence);
        Span<nint> place = stackalloc nint[OrtTensors.MaxStackRank];
        nint[] first = [];
        for (var i = 0; i < count; i++)
        {
            var element = ElementOf(library, sequence, i);
            try
            {
                var shape = OrtTensors.ReadShape(library, element, buffer.Spec, buffer.Shape.Length - (hasRows ? 1 : 2), place, modelName);
                if (i == 0)
                {
                    first = shape.ToArray();
                    OrtTensors.Resize(buffer, hasRows ? [shape[0], count, .. shape[1..]] : [1, count, .. shape], modelName);
                }
                else if (!shape.SequenceEqual(first))
                {
                    throw Differ(buffer, modelName, $"tensor {i} has the shape [{string.Join(", ", shape.ToArray())}], tensor 0 has [{string.Join(", ", first)}]");
                }

                var length = buffer.Length / count;
                if (!hasRows) OrtTensors.CopyElements(library, element, buffer, i * length, length, cache, modelName);
                else if (length > 0) OrtTensors.ScatterElements(library, element, buffer, (int)shape[0], i, count, cache, modelName);
            }
            finally
            {
                library.Api.ReleaseValue(element);
            }
        }

        if (count == 0) buffer.SetNoRows();
    }

    /// <summary>Copies the values and the keys of a sequence of maps: shapes (maps × entries of each), in the order of the keys.</summary>
    public static void CopyMaps(OrtLibrary library, nint sequence, TensorBuffer values, TensorBuffer keys, TextCache? cache, string modelName)
    {
        var count = CountOf(library, sequence);
        Span<nint> place = stackalloc nint[OrtTensors.MaxStackRank];
        for (var i = 0; i < count; i++)
        {
            var map = ElementOf(library, sequence, i);
            nint mapKeys = 0, mapValues = 0;
            try
            {
                mapKeys = ElementOf(library, map, 0);
                mapValues = ElementOf(library, map, 1);
                var entries = OrtTensors.ReadShape(library, mapValues, values.Spec, 1, place, modelName)[0];
                if (i == 0)
                {
                    OrtTensors.Resize(values, [count, entries], modelName);
                    OrtTensors.Resize(keys, [count, entries], modelName);
                }
                else if (entries != values.Shape[1])
                {
                    throw Differ(values, modelName, $"map {i} has {entries} entries, map 0 has {values.Shape[1]}");
                }

                OrtTensors.CopyElements(library, mapValues, values, i * (int)entries, (int)entries, null, modelName);
                OrtTensors.CopyElements(library, mapKeys, keys, i * (int)entries, (int)entries, cache, modelName);
            }
            finally
            {
                if (mapValues != 0) library.Api.ReleaseValue(mapValues);
                if (mapKeys != 0) library.Api.ReleaseValue(mapKeys);
                library.Api.ReleaseValue(map);
            }
        }

        if (count > 0) return;
        values.SetNoRows();
        keys.SetNoRows();
    }

    private static void SetNoRows(this TensorBuffer buffer)
    {
        Span<nint> shape = stackalloc nint[buffer.Spec.Shape.Count];
        for (var i = 0; i < shape.Length; i++) shape[i] = Math.Max(0, buffer.Spec.Shape[i]);
        buffer.Resize(shape);
    }

    private static int CountOf(OrtLibrary library, nint sequence)
    {
        nuint count;
        library.Check(library.Api.GetValueCount(sequence, &count));
        return checked((int)count);
    }

    private static nint ElementOf(OrtLibrary library, nint value, int index)
    {
        nint element;
        library.Check(library.Api.GetValue(value, index, library.Allocator, &element));
        return element;
    }

    private static PredictionFailedException Differ(TensorBuffer buffer, string modelName, string difference)
        => new(modelName, $"The output '{buffer.Spec.Name}' of the model '{modelName}' is a sequence whose elements differ, so that it is no tensor: {difference}. Convert the model so that each is an output of its own.");
}
