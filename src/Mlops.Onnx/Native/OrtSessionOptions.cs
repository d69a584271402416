using System.Runtime.InteropServices;

namespace Mlops.Onnx;

/// <summary>Turns <see cref="OnnxOptions"/> into the options of a session.</summary>
internal static unsafe class OrtSessionOptions
{
    private const string ProviderSuffix = "ExecutionProvider";

    /// <summary>Creates the options; the caller releases them.</summary>
    public static nint Create(OrtLibrary library, OnnxOptions options)
    {
        nint settings;
        library.Check(library.Api.CreateSessionOptions(&settings));
        try
        {
            Fill(library, settings, options);
            return settings;
        }
        catch
        {
            library.Api.ReleaseSessionOptions(settings);
            throw;
        }
    }

    private static void Fill(OrtLibrary library, nint settings, OnnxOptions options)
    {
        var api = library.Api;
        library.Check(api.SetIntraOpNumThreads(settings, options.IntraOpThreads));
        library.Check(api.SetInterOpNumThreads(settings, options.InterOpThreads));
        library.Check(api.SetSessionExecutionMode(settings, (int)options.ExecutionMode));
        library.Check(api.SetSessionGraphOptimizationLevel(settings, (int)options.GraphOptimizationLevel));
        library.Check(options.UseMemoryPattern ? api.EnableMemPattern(settings) : api.DisableMemPattern(settings));
        library.Check(options.UseMemoryArena ? api.EnableCpuMemArena(settings) : api.DisableCpuMemArena(settings));
        var spinning = options.AllowSpinning ? "1" : "0";
        AddEntry(library, settings, "session.intra_op.allow_spinning", spinning);
        AddEntry(library, settings, "session.inter_op.allow_spinning", spinning);
        foreach (var (key, value) in options.SessionConfig) AddEntry(library, settings, key, value);
        foreach (var provider in options.ExecutionProviders) AddProvider(library, settings, provider);
    }

    private static void AddEntry(OrtLibrary library, nint settings, string key, string value)
    {
        using var texts = new NativeTexts([key, value]);
        library.Check(library.Api.AddSessionConfigEntry(settings, texts.Pointers[0], texts.Pointers[1]));
    }

    private static void AddProvider(OrtLibrary library, nint settings, OnnxExecutionProvider provider)
    {
        var name = provider.Name.EndsWith(ProviderSuffix, StringComparison.Ordinal) ? provider.Name[..^ProviderSuffix.Length] : provider.Name;
        if (name == "CPU") return;
        using var keys = new NativeTexts([.. provider.Options.Keys]);
        using var values = new NativeTexts([.. provider.Options.Values]);
        var count = (nuint)provider.Options.Count;
        var api = library.Api;
        // These two have options of a type of their own; the generic entry does not know them in every version.
        if (name.Equals("CUDA", StringComparison.OrdinalIgnoreCase))
        {
            AddTyped(library, settings, keys, values, count, api.CreateCudaOptions, api.UpdateCudaOptions, api.AppendCuda, api.ReleaseCudaOptions);
        }
        else if (name.Equals("TensorRT", StringComparison.OrdinalIgnoreCase))
        {
            AddTyped(library, settings, keys, values, count, api.CreateTensorRTOptions, api.UpdateTensorRTOptions, api.AppendTensorRT, api.ReleaseTensorRTOptions);
        }
        else
        {
            var text = (byte*)Marshal.StringToCoTaskMemUTF8(name);
            try
            {
                library.Check(api.AppendExecutionProvider(settings, text, keys.Pointers, values.Pointers, count));
            }
            finally
            {
                Marshal.FreeCoTaskMem((nint)text);
            }
        }
    }

    private static void AddTyped(
        OrtLibrary library,
        nint settings,
        NativeTexts keys,
        NativeTexts values,
        nuint count,
        delegate* unmanaged<nint*, nint> create,
        delegate* unmanaged<nint, byte**, byte**, nuint, nint> update,
        delegate* unmanaged<nint, nint, nint> append,
        delegate* unmanaged<nint, void> release)
    {
        nint options;
        library.Check(create(&options));
        try
        {
            if (count > 0) library.Check(update(options, keys.Pointers, values.Pointers, count));
            library.Check(append(settings, options));
        }
        finally
        {
            release(options);
        }
    }
}
