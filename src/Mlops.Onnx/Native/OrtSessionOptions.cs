using System.Runtime.InteropServices;

namespace Mlops.Onnx;

/// <summary>Turns <see cref="OnnxOptions"/> into the options of a session.</summary>
internal static unsafe class OrtSessionOptions
{
    /// <summary>Creates the options; the caller releases them.</summary>
    /// <exception cref="ModelLoadException">ONNX Runtime does not have an execution provider, or cannot set it up.</exception>
    public static nint Create(OrtLibrary library, OnnxOptions options, string modelName)
    {
        CheckProviders(library, options, modelName);
        nint settings;
        library.Check(library.Api.CreateSessionOptions(&settings));
        try
        {
            Fill(library, settings, options);
            AddProviders(library, settings, options, modelName);
            return settings;
        }
        catch
        {
            library.Api.ReleaseSessionOptions(settings);
            throw;
        }
    }

    private static void CheckProviders(OrtLibrary library, OnnxOptions options, string modelName)
    {
        if (options.ExecutionProviders.All(provider => provider.IsCpu)) return;
        var available = library.GetAvailableProviders();
        foreach (var provider in options.ExecutionProviders)
        {
            if (available.Contains(provider.FullName, StringComparer.OrdinalIgnoreCase)) continue;
            throw new ModelLoadException(
                modelName,
                $"The model '{modelName}' asks for the execution provider '{provider.Name}', which this build of ONNX Runtime {library.Version} does not have; it has {string.Join(", ", available)}. Reference the package that has it, such as Microsoft.ML.OnnxRuntime.Gpu for CUDA and TensorRT, or choose one of these.");
        }
    }

    private static void Fill(OrtLibrary library, nint settings, OnnxOptions options)
    {
        var api = library.Api;
        if (library.Environment.SharesThreads)
        {
            library.Check(api.DisablePerSessionThreads(settings));
        }
        else
        {
            library.Check(api.SetIntraOpNumThreads(settings, options.IntraOpThreads));
            library.Check(api.SetInterOpNumThreads(settings, options.InterOpThreads));
        }

        library.Check(api.SetSessionExecutionMode(settings, (int)options.ExecutionMode));
        library.Check(api.SetSessionGraphOptimizationLevel(settings, (int)options.GraphOptimizationLevel));
        library.Check(options.UseMemoryPattern ? api.EnableMemPattern(settings) : api.DisableMemPattern(settings));
        library.Check(options.UseMemoryArena ? api.EnableCpuMemArena(settings) : api.DisableCpuMemArena(settings));
        var spinning = options.AllowSpinning ? "1" : "0";
        AddEntry(library, settings, "session.intra_op.allow_spinning", spinning);
        AddEntry(library, settings, "session.inter_op.allow_spinning", spinning);
        if (library.Environment.SharesArena && options.UseMemoryArena) AddEntry(library, settings, "session.use_env_allocators", "1");
        foreach (var (key, value) in options.SessionConfig) AddEntry(library, settings, key, value);
    }

    private static void AddProviders(OrtLibrary library, nint settings, OnnxOptions options, string modelName)
    {
        foreach (var provider in options.ExecutionProviders)
        {
            try
            {
                AddProvider(library, settings, provider);
            }
            catch (OrtException error)
            {
                throw new ModelLoadException(
                    modelName,
                    $"ONNX Runtime {library.Version} could not set up the execution provider '{provider.Name}' for the model '{modelName}' (code {error.Code}): {error.Message} See that its library, its driver and its options are right, or choose another one of {string.Join(", ", library.GetAvailableProviders())}.",
                    error);
            }
        }
    }

    private static void AddEntry(OrtLibrary library, nint settings, string key, string value)
    {
        using var texts = new NativeTexts([key, value]);
        library.Check(library.Api.AddSessionConfigEntry(settings, texts.Pointers[0], texts.Pointers[1]));
    }

    private static void AddProvider(OrtLibrary library, nint settings, OnnxExecutionProvider provider)
    {
        if (provider.IsCpu) return;
        var name = provider.ShortName;
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
