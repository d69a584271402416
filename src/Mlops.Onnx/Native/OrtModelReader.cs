using System.Collections.ObjectModel;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Reads the signature and the metadata of a loaded model.</summary>
internal static unsafe class OrtModelReader
{
    private const int TensorKind = 1;

    public static ModelSignature ReadSignature(OrtSession session, string modelName, OnnxMetadata metadata)
    {
        var api = session.Library.Api;
        nuint inputCount, outputCount;
        session.Library.Check(api.SessionGetInputCount(session.Pointer, &inputCount));
        session.Library.Check(api.SessionGetOutputCount(session.Pointer, &outputCount));
        var inputs = new TensorSpec[inputCount];
        var outputs = new TensorSpec[outputCount];
        for (nuint i = 0; i < inputCount; i++) inputs[i] = ReadSpec(session, modelName, "input", i, api.SessionGetInputName, api.SessionGetInputTypeInfo);
        for (nuint i = 0; i < outputCount; i++) outputs[i] = ReadSpec(session, modelName, "output", i, api.SessionGetOutputName, api.SessionGetOutputTypeInfo);
        return SignatureNames.Apply(new ModelSignature(inputs, outputs), metadata, modelName);
    }

    public static OnnxMetadata ReadMetadata(OrtSession session)
    {
        var (library, api) = (session.Library, session.Library.Api);
        nint metadata;
        library.Check(api.SessionGetModelMetadata(session.Pointer, &metadata));
        try
        {
            long version;
            library.Check(api.MetadataGetVersion(metadata, &version));
            return new OnnxMetadata
            {
                ProducerName = ReadText(library, metadata, api.MetadataGetProducerName),
                GraphName = ReadText(library, metadata, api.MetadataGetGraphName),
                Domain = ReadText(library, metadata, api.MetadataGetDomain),
                Description = ReadText(library, metadata, api.MetadataGetDescription),
                Version = version,
                Properties = ReadProperties(library, metadata),
            };
        }
        finally
        {
            api.ReleaseModelMetadata(metadata);
        }
    }

    private static ReadOnlyDictionary<string, string> ReadProperties(OrtLibrary library, nint metadata)
    {
        byte** keys;
        long count;
        library.Check(library.Api.MetadataGetKeys(metadata, library.Allocator, &keys, &count));
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            byte* value;
            library.Check(library.Api.MetadataLookup(metadata, library.Allocator, keys[i], &value));
            properties[library.TakeText(keys[i])] = library.TakeText(value);
        }

        library.FreeText(keys);
        return properties.AsReadOnly();
    }

    private static string ReadText(OrtLibrary library, nint metadata, delegate* unmanaged<nint, nint, byte**, nint> read)
    {
        byte* text;
        library.Check(read(metadata, library.Allocator, &text));
        return library.TakeText(text);
    }

    private static TensorSpec ReadSpec(
        OrtSession session,
        string modelName,
        string kind,
        nuint index,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> readName,
        delegate* unmanaged<nint, nuint, nint*, nint> readType)
    {
        var (library, api) = (session.Library, session.Library.Api);
        byte* text;
        library.Check(readName(session.Pointer, index, library.Allocator, &text));
        var name = library.TakeText(text);
        nint type, tensor;
        int typeKind, elementType;
        nuint rank;
        library.Check(readType(session.Pointer, index, &type));
        try
        {
            library.Check(api.GetOnnxTypeFromTypeInfo(type, &typeKind));
            if (typeKind != TensorKind)
                throw new ModelLoadException(modelName, $"The {kind} '{name}' is a {NameOfKind(typeKind)}; only tensors are supported. Convert the model so that it is a tensor (skl2onnx: options={{'zipmap': False}}).");
            library.Check(api.CastTypeInfoToTensorInfo(type, &tensor));
            library.Check(api.GetTensorElementType(tensor, &elementType));
            library.Check(api.GetDimensionsCount(tensor, &rank));
            var dimensions = new long[rank];
            fixed (long* sizes = dimensions) library.Check(api.GetDimensions(tensor, sizes, rank));
            var known = OrtElementTypes.FromOnnx(elementType)
                ?? throw new ModelLoadException(modelName, $"The {kind} '{name}' is a tensor of {OrtElementTypes.NameOf(elementType)}, which is not supported. Add a Cast to float, double or an integer to the model.");
            if (dimensions.Any(size => size > int.MaxValue))
                throw new ModelLoadException(modelName, $"The {kind} '{name}' has a dimension of more than {int.MaxValue}, which is not supported.");
            return new TensorSpec(name, known, Array.ConvertAll(dimensions, size => (int)Math.Max(-1, size)));
        }
        finally
        {
            api.ReleaseTypeInfo(type);
        }
    }

    private static string NameOfKind(int kind) => kind switch
    {
        2 => "sequence",
        3 => "map",
        4 => "opaque value",
        5 => "sparse tensor",
        6 => "optional value",
        _ => "value of an unknown kind",
    };
}
