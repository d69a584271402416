using System.Collections.ObjectModel;
using System.Runtime.InteropServices;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>Reads the signature and the metadata of a loaded model.</summary>
internal static unsafe class OrtModelReader
{
    /// <summary>Reads the inputs and outputs.</summary>
    /// <param name="session">The session.</param>
    /// <param name="modelName">The model, for messages.</param>
    /// <param name="outputs">What the session gives for each output, in its order.</param>
    public static ModelSignature ReadSignature(OrtSession session, string modelName, out SessionOutput[] outputs)
    {
        var (library, api) = (session.Library, session.Library.Api);
        nuint inputCount, outputCount;
        library.Check(api.SessionGetInputCount(session.Pointer, &inputCount));
        library.Check(api.SessionGetOutputCount(session.Pointer, &outputCount));
        var (inputSpecs, outputSpecs) = (new List<TensorSpec>(), new List<TensorSpec>());
        outputs = new SessionOutput[outputCount];
        for (nuint i = 0; i < inputCount; i++)
        {
            var name = ReadName(session, i, modelName, api.SessionGetInputName);
            nint type;
            library.Check(api.SessionGetInputTypeInfo(session.Pointer, i, &type));
            using var description = new OrtTypeDescription(library, type, $"The input '{name}'", modelName);
            inputSpecs.Add(description.ReadTensor(name));
        }

        for (nuint i = 0; i < outputCount; i++)
        {
            var name = ReadName(session, i, modelName, api.SessionGetOutputName);
            nint type;
            library.Check(api.SessionGetOutputTypeInfo(session.Pointer, i, &type));
            using var description = new OrtTypeDescription(library, type, $"The output '{name}'", modelName);
            var (kind, slot) = (description.OutputKind, outputSpecs.Count);
            outputs[i] = new SessionOutput(name, kind, slot);
            if (kind == SessionOutputKind.Tensor) outputSpecs.Add(description.ReadTensor(name));
            else outputSpecs.AddRange(description.ReadSequence(name));
        }

        return new ModelSignature(inputSpecs, outputSpecs);
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

    private static string ReadName(OrtSession session, nuint index, string modelName, delegate* unmanaged<nint, nuint, nint, byte**, nint> read)
    {
        byte* text;
        session.Library.Check(read(session.Pointer, index, session.Library.Allocator, &text));
        var isUtf8 = System.Text.Unicode.Utf8.IsValid(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        var name = session.Library.TakeText(text);
        // Decoded and encoded again it would be another name, which no run would find.
        return isUtf8 ? name : throw new ModelLoadException(modelName, $"The name '{name}' of an input or output of the model '{modelName}' is not UTF-8. Rename it in the model.");
    }
}
