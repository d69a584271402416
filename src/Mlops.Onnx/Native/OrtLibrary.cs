using System.Globalization;
using System.Runtime.InteropServices;

namespace Mlops.Onnx;

/// <summary>ONNX Runtime's native library, loaded once for each place it is loaded from, and never unloaded.</summary>
internal sealed unsafe class OrtLibrary
{
    private const string Advice =
        "Reference the NuGet package Microsoft.ML.OnnxRuntime (CPU), Microsoft.ML.OnnxRuntime.Gpu (CUDA) or Microsoft.ML.OnnxRuntime.DirectML in the application, or set OnnxOptions.LibraryPath.";

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, OrtLibrary> s_loaded = new(StringComparer.Ordinal);

    private OrtLibrary(OrtApi api, string version, OnnxEnvironmentOptions? environment, string modelName)
    {
        Api = api;
        Version = version;
        nint allocator, memory;
        Check(api.CreateCpuMemoryInfo(1, 0, &memory));
        CpuMemory = memory;
        Environment = new OrtEnvironment(this, environment, modelName);
        Check(api.GetDefaultAllocator(&allocator));
        Allocator = allocator;
    }

    public OrtApi Api { get; }

    public string Version { get; }

    public OrtEnvironment Environment { get; }

    public nint Allocator { get; }

    public nint CpuMemory { get; }

    /// <summary>Loads the library, or gives the one that is loaded already.</summary>
    /// <exception cref="ModelLoadException">It cannot be loaded, or its environment is another one.</exception>
    public static OrtLibrary Load(string? path, OnnxEnvironmentOptions? environment, string modelName)
    {
        var key = string.IsNullOrEmpty(path) ? "" : Path.GetFullPath(path);
        lock (s_gate)
        {
            if (s_loaded.TryGetValue(key, out var library))
            {
                library.Environment.Check(environment, modelName);
                return library;
            }

            library = Open(key, environment, modelName);
            s_loaded.Add(key, library);
            return library;
        }
    }

    /// <summary>Throws what a status says, and releases it.</summary>
    public void Check(nint status)
    {
        if (status != 0) throw TakeError(status);
    }

    public OrtException TakeError(nint status)
    {
        var error = new OrtException(Api.GetErrorCode(status), ReadText(Api.GetErrorMessage(status)));
        Api.ReleaseStatus(status);
        return error;
    }

    /// <summary>Copies a text that ONNX Runtime has allocated, and frees it.</summary>
    public string TakeText(byte* text)
    {
        var copy = ReadText(text);
        FreeText(text);
        return copy;
    }

    public void FreeText(void* text)
    {
        if (text is not null) Check(Api.AllocatorFree(Allocator, text));
    }

    /// <summary>Gets the execution providers that this build of the library contains.</summary>
    public string[] GetAvailableProviders()
    {
        byte** names;
        int count;
        Check(Api.GetAvailableProviders(&names, &count));
        var providers = new string[count];
        for (var i = 0; i < count; i++) providers[i] = ReadText(names[i]);
        Check(Api.ReleaseAvailableProviders(names, count));
        return providers;
    }

    private static string ReadText(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static OrtLibrary Open(string path, OnnxEnvironmentOptions? environment, string modelName)
    {
        if (nint.Size != 8)
            throw new ModelLoadException(modelName, "ONNX Runtime needs a 64-bit process.");
        if (path.Length > 0)
        {
            return NativeLibrary.TryLoad(path, out var handle)
                ? Open(handle, path, environment, modelName)
                : throw new ModelLoadException(modelName, $"ONNX Runtime's native library could not be loaded from '{path}'. See that the file exists and was built for {RuntimeInformation.RuntimeIdentifier}.");
        }

        return NativeLibrary.TryLoad("onnxruntime", typeof(OrtLibrary).Assembly, null, out var found)
            ? Open(found, "onnxruntime", environment, modelName)
            : throw new ModelLoadException(modelName, $"ONNX Runtime's native library was not found. {Advice}");
    }

    private static OrtLibrary Open(nint handle, string path, OnnxEnvironmentOptions? environment, string modelName)
    {
        if (!NativeLibrary.TryGetExport(handle, "OrtGetApiBase", out var export))
            throw new ModelLoadException(modelName, $"'{path}' is not ONNX Runtime: it has no function OrtGetApiBase. {Advice}");
        var functions = ((delegate* unmanaged<void**>)export)();
        var version = ReadText(((delegate* unmanaged<byte*>)functions[1])());
        // A table newer than the library is refused with a line on stderr, so the version is looked at first.
        if (MinorOf(version) < OrtApi.Version)
            throw new ModelLoadException(modelName, $"ONNX Runtime {version} is too old, 1.{OrtApi.Version} is needed. {Advice}");
        var table = ((delegate* unmanaged<uint, void**>)functions[0])(OrtApi.Version);
        if (table is null)
            throw new ModelLoadException(modelName, $"ONNX Runtime {version} does not offer version {OrtApi.Version} of its interface. {Advice}");
        try
        {
            return new OrtLibrary(new OrtApi(table), version, environment, modelName);
        }
        catch (OrtException error)
        {
            throw new ModelLoadException(modelName, $"ONNX Runtime {version} could not be started: {error.Message}", error);
        }
    }

    private static uint MinorOf(string version)
    {
        var parts = version.Split('.');
        var isKnown = parts.Length >= 2
            & uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            & uint.TryParse(parts.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out var minor);
        return !isKnown ? 0 : major > 1 ? uint.MaxValue : minor;
    }
}
