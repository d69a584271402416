using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>Finds the constant tensors of a model whose elements lie in its file as they do in memory.</summary>
/// <remarks>Source: onnx.proto of the ONNX project; the numbers are those of its fields.</remarks>
internal static class WeightReader
{
    private const int Floats = 4;
    private const int Raw = 9;
    private const int Doubles = 10;

    /// <summary>Reads the weights; none where the file is damaged, which whoever loads the model says.</summary>
    public static List<Weight> Read(byte[] bytes)
    {
        var weights = new List<Weight>();
        // A constant that is an input, too, is a default that callers may replace.
        var replaceable = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var reader = new ProtobufReader(bytes);
            while (reader.Next())
            {
                if (reader.Field == 7) ReadGraph(reader.ReadMessage(), weights, replaceable);
                else reader.Skip();
            }
        }
        catch (ProtobufException)
        {
            return [];
        }

        weights.RemoveAll(weight => replaceable.Contains(weight.Name));
        return weights;
    }

    private static void ReadGraph(ProtobufReader reader, List<Weight> weights, HashSet<string> replaceable)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 5:
                    if (ReadTensor(reader.ReadMessage()) is { } weight) weights.Add(weight);
                    break;
                case 11: replaceable.Add(OnnxMessageReader.ReadValue(reader.ReadMessage()).Name); break;
                default: reader.Skip(); break;
            }
        }
    }

    private static Weight? ReadTensor(ProtobufReader reader)
    {
        var (name, type, shape, data, field, isPlain) = ("", 0, new List<long>(), default((int Offset, int Length)), Raw, BitConverter.IsLittleEndian);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.ReadIntegers(shape); break;
                case 2: type = (int)reader.ReadInteger(); break;
                case 8: name = reader.ReadText(); break;
                case Floats or Raw or Doubles when reader.IsDelimited:
                    isPlain &= data.Length == 0;
                    field = reader.Field;
                    var length = reader.ReadBytes().Length;
                    data = (reader.Position - length, length);
                    break;
                case Floats or 5 or 6 or 7 or Doubles or 11 or 14:
                    // One by one, in another form than in memory, or elsewhere.
                    isPlain = false;
                    reader.Skip();
                    break;
                default: reader.Skip(); break;
            }
        }

        if (!isPlain || OrtElementTypes.FromOnnx(type) is not { } elementType || elementType == ElementType.String) return null;
        if ((field == Floats && elementType != ElementType.Float32) || (field == Doubles && elementType != ElementType.Float64)) return null;
        return HasSize(shape, OrtElementTypes.SizeOf(elementType), data.Length) ? new Weight(name, elementType, [.. shape], data) : null;
    }

    private static bool HasSize(List<long> shape, int elementSize, int bytes)
    {
        // Without overflow, whatever a damaged file says: the product stays within the bytes that are there.
        if (shape.Any(dimension => dimension < 0)) return false;
        if (shape.Contains(0)) return bytes == 0;
        var size = (long)elementSize;
        foreach (var dimension in shape)
        {
            if (dimension > bytes / size) return false;
            size *= dimension;
        }

        return size == bytes;
    }
}
