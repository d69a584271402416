namespace Mlops.Onnx;

/// <summary>The environment of ONNX Runtime, of which a process has one for each native library; it is never released.</summary>
internal sealed unsafe class OrtEnvironment
{
    private const int LogFatalOnly = 4;

    private readonly string _firstModel;
    private readonly string _description;

    /// <summary>Sets the environment up.</summary>
    /// <param name="library">ONNX Runtime.</param>
    /// <param name="options">How; the defaults when <see langword="null"/>.</param>
    /// <param name="modelName">The model that is loaded first, for messages.</param>
    public OrtEnvironment(OrtLibrary library, OnnxEnvironmentOptions? options, string modelName)
    {
        options ??= new OnnxEnvironmentOptions();
        _firstModel = modelName;
        _description = options.ToString();
        SharesThreads = options.ShareThreads;
        SharesArena = options.ShareArena;
        Pointer = options.ShareThreads ? CreateWithThreads(library, options) : Create(library);
        if (options.ShareArena) AddArena(library, options.MaxArenaBytes);
    }

    public nint Pointer { get; }

    public bool SharesThreads { get; }

    public bool SharesArena { get; }

    /// <summary>Refuses a model that asks for another environment than there is.</summary>
    /// <exception cref="ModelLoadException">It does.</exception>
    public void Check(OnnxEnvironmentOptions? wanted, string modelName)
    {
        if (wanted is null || wanted.ToString() == _description) return;
        throw new ModelLoadException(
            modelName,
            $"The model '{modelName}' asks for another environment of ONNX Runtime ({wanted}) than the process has ({_description}). It was set up when the model '{_firstModel}' was loaded, and cannot be changed. Give the same OnnxOptions.Environment to every model, from the first one on, or none to those loaded later.");
    }

    private static nint Create(OrtLibrary library)
    {
        nint environment;
        // What goes wrong is told by exceptions; a library does not print, so only what ends the process is logged.
        fixed (byte* name = "mlops"u8) library.Check(library.Api.CreateEnv(LogFatalOnly, name, &environment));
        return environment;
    }

    private static nint CreateWithThreads(OrtLibrary library, OnnxEnvironmentOptions options)
    {
        nint threads, environment;
        library.Check(library.Api.CreateThreadingOptions(&threads));
        try
        {
            library.Check(library.Api.SetGlobalIntraOpNumThreads(threads, options.IntraOpThreads));
            library.Check(library.Api.SetGlobalInterOpNumThreads(threads, options.InterOpThreads));
            library.Check(library.Api.SetGlobalSpinControl(threads, options.AllowSpinning ? 1 : 0));
            fixed (byte* name = "mlops"u8) library.Check(library.Api.CreateEnvWithGlobalThreadPools(LogFatalOnly, name, threads, &environment));
            return environment;
        }
        finally
        {
            library.Api.ReleaseThreadingOptions(threads);
        }
    }

    private void AddArena(OrtLibrary library, long maxBytes)
    {
        nint settings = 0;
        if (maxBytes > 0)
        {
            using var keys = new NativeTexts(["max_mem"]);
            var size = (nuint)maxBytes;
            library.Check(library.Api.CreateArenaCfg(keys.Pointers, &size, 1, &settings));
        }

        try
        {
            library.Check(library.Api.CreateAndRegisterAllocator(Pointer, library.CpuMemory, settings));
        }
        finally
        {
            if (settings != 0) library.Api.ReleaseArenaCfg(settings);
        }
    }
}
