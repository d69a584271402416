namespace Mlops.Onnx;

/// <summary>The options of one run, by which another thread can end it. Reused, because they live in native memory.</summary>
internal sealed unsafe class CancellableRun
{
    private readonly OrtLibrary _library;
    private int _isTerminated;

    public CancellableRun(OrtLibrary library)
    {
        _library = library;
        nint options;
        library.Check(library.Api.CreateRunOptions(&options));
        Options = options;
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
