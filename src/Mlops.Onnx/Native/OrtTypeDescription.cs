using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>The type that a model declares for an input or an output.</summary>
/// <param name="library">ONNX Runtime.</param>
/// <param name="type">The description (OrtTypeInfo), which is released with this.</param>
/// <param name="place">What it describes, as messages begin.</param>
/// <param name="modelName">The model, for messages.</param>
internal sealed unsafe class OrtTypeDescription(OrtLibrary library, nint type, string place, string modelName) : IDisposable
{
    /// <summary>What stands behind the name of an output for the keys of its maps.</summary>
    public const string KeysSuffix = ".keys";

    private const int Tensor = 1;
    private const int Sequence = 2;
    private const int Map = 3;

    /// <summary>Gets what a session gives for such an output.</summary>
    /// <exception cref="ModelLoadException">It cannot be made into tensors.</exception>
    public SessionOutputKind OutputKind
    {
        get
        {
            var kind = KindOf(type);
            if (kind == Tensor) return SessionOutputKind.Tensor;
            if (kind != Sequence) throw Unsupported(NameOfKind(kind));
            using var element = ReadElement();
            return KindOf(element.Type) switch
            {
                Tensor => ReadTensor(element.Type).Dimensions is [< 0, ..] ? SessionOutputKind.RowSequence : SessionOutputKind.TensorSequence,
                Map => SessionOutputKind.MapSequence,
                var other => throw Unsupported($"a sequence of which each element is {NameOfKind(other)}"),
            };
        }
    }

    private nint Type => type;

    /// <summary>Reads the description of a tensor.</summary>
    /// <exception cref="ModelLoadException">It is none, or one that is not supported.</exception>
    public TensorSpec ReadTensor(string name)
    {
        var kind = KindOf(type);
        if (kind != Tensor) throw Unsupported(NameOfKind(kind));
        var (elementType, dimensions) = ReadTensor(type);
        return new TensorSpec(name, elementType, dimensions);
    }

    /// <summary>Reads the descriptions of the tensors that a sequence is made into: of its elements, or of the values and the keys of its maps.</summary>
    /// <exception cref="ModelLoadException">The elements are not supported.</exception>
    public TensorSpec[] ReadSequence(string name)
    {
        using var element = ReadElement();
        if (KindOf(element.Type) == Tensor)
        {
            var (elementType, dimensions) = ReadTensor(element.Type);
            // Rows come first, as everywhere; tensors without any are one entry for all of them.
            return [new TensorSpec(name, elementType, dimensions is [< 0, .. var others] ? [-1, -1, .. others] : [1, -1, .. dimensions])];
        }

        nint map, valueType;
        int keyType;
        library.Check(library.Api.CastTypeInfoToMapInfo(element.Type, &map));
        library.Check(library.Api.GetMapKeyType(map, &keyType));
        library.Check(library.Api.GetMapValueType(map, &valueType));
        using var value = new OrtTypeDescription(library, valueType, place, modelName);
        if (KindOf(valueType) != Tensor) throw Unsupported($"a sequence of maps whose values are each {NameOfKind(KindOf(valueType))}");
        return [new TensorSpec(name, ReadTensor(valueType).ElementType, [-1, -1]), new TensorSpec(name + KeysSuffix, Known(keyType), [-1, -1])];
    }

    public void Dispose() => library.Api.ReleaseTypeInfo(type);

    private OrtTypeDescription ReadElement()
    {
        nint sequence, element;
        library.Check(library.Api.CastTypeInfoToSequenceInfo(type, &sequence));
        library.Check(library.Api.GetSequenceElementType(sequence, &element));
        return new OrtTypeDescription(library, element, place, modelName);
    }

    private int KindOf(nint description)
    {
        int kind;
        library.Check(library.Api.GetOnnxTypeFromTypeInfo(description, &kind));
        return kind;
    }

    private (ElementType ElementType, int[] Dimensions) ReadTensor(nint description)
    {
        nint tensor;
        int elementType;
        nuint rank;
        library.Check(library.Api.CastTypeInfoToTensorInfo(description, &tensor));
        library.Check(library.Api.GetTensorElementType(tensor, &elementType));
        library.Check(library.Api.GetDimensionsCount(tensor, &rank));
        var dimensions = new long[rank];
        fixed (long* sizes = dimensions) library.Check(library.Api.GetDimensions(tensor, sizes, rank));
        var known = Known(elementType);
        if (dimensions.Any(size => size > int.MaxValue))
            throw new ModelLoadException(modelName, string.Create(CultureInfo.InvariantCulture, $"{place} has a dimension of more than {int.MaxValue}, which is not supported."));
        return (known, Array.ConvertAll(dimensions, size => (int)Math.Max(-1, size)));
    }

    private ElementType Known(int elementType) => OrtElementTypes.FromOnnx(elementType)
        ?? throw new ModelLoadException(modelName, $"{place} is a tensor of {OrtElementTypes.NameOf(elementType)}, which is not supported. Add a Cast to float, double or an integer to the model.");

    private ModelLoadException Unsupported(string what)
        => new(modelName, $"{place} is {what}; tensors are supported, and as outputs sequences of tensors and of maps. Convert the model so that it is a tensor.");

    private static string NameOfKind(int kind) => kind switch
    {
        Tensor => "a tensor",
        Sequence => "a sequence",
        Map => "a map",
        4 => "an opaque value",
        5 => "a sparse tensor",
        6 => "an optional value",
        _ => "a value of an unknown kind",
    };
}
