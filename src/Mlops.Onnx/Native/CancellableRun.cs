namespace Mlops.Onnx;

/// <summary>The options of one run, by which another thread can end it. Reused, because they live in native memory.</summary>
internal sealed unsafe class CancellableRun
{
    private readonly OrtLibrary _library;
    private int _isTerminated;

    public CancellableRun(OrtLibrary library, bool shrinksArena)
    {
        _library = library;
        nint options;
        library.Check(library.Api.CreateRunOptions(&options));
        Options = options;
        if (!shrinksArena) return;
        fixed (byte* key = "memory.enable_memory_arena_shrinkage"u8, value = "cpu:0"u8) library.Check(library.Api.AddRunConfigEntry(options, key, value));
    }

    public nint Options { get; }

    public CancellationTokenRegistration Register(CancellationToken cancellationToken)
        => cancellationToken.UnsafeRegister(static state => ((CancellableRun)state!).Terminate(), this);

    /// <summary>Makes the options usable again; the registration must have been disposed.</summary>
    public void Reset()
    {
        if (Interlocked.Exchange(ref _isTerminated, 0) != 0) _library.Check(_library.Api.RunOptionsUnsetTerminate(Options));
    }

    public void Release() => _library.Api.ReleaseRunOptions(Options);

    private void Terminate()
    {
        Volatile.Write(ref _isTerminated, 1);
        // Thrown here, an error would surface in whoever cancels; a run that cannot be ended just goes on.
        var status = _library.Api.RunOptionsSetTerminate(Options);
        if (status != 0) _library.Api.ReleaseStatus(status);
    }
}
