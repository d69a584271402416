using System.Runtime.InteropServices;
using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>A session of ONNX Runtime: the loaded model, safe for concurrent runs. Released when it is disposed and no run uses it any more, or by the finalizer.</summary>
internal sealed unsafe class OrtSession : SafeHandle
{
    /// <summary>The settings that make ONNX Runtime read the model where it lies, as long as the session lives.</summary>
    private static readonly string[] s_readLater = ["session.use_ort_model_bytes_directly", "session.use_ort_model_bytes_for_initializers"];

    private readonly GCHandle _pinned;
    private readonly long _size;
    private readonly SlotPool<CancellableRun> _keptRuns = new(Environment.ProcessorCount);
    private readonly SharedWeights? _weights;
    private KeptValues? _keptValues;
    private NativeTexts? _inputNames;
    private NativeTexts? _outputNames;

    private OrtSession(OrtLibrary library, nint session, GCHandle pinned, long size, SharedWeights? weights, bool shrinksArena)
        : base(0, ownsHandle: true)
    {
        Library = library;
        ShrinksArena = shrinksArena;
        _weights = weights;
        _pinned = pinned;
        _size = Math.Max(1, size);
        SetHandle(session);
        // The collector sees a small object; this tells it what hangs on it.
        GC.AddMemoryPressure(_size);
    }

    public override bool IsInvalid => handle == 0;

    public OrtLibrary Library { get; }

    public nint Pointer => handle;

    /// <summary>Gets whether every run gives the memory back that it has made the arena grow by.</summary>
    public bool ShrinksArena { get; }

    public SessionOutput[] Outputs { get; private set; } = [];

    public byte** InputNames => _inputNames!.Pointers;

    public byte** OutputNames => _outputNames!.Pointers;

    /// <summary>Creates a session.</summary>
    /// <param name="library">ONNX Runtime.</param>
    /// <param name="bytes">The model. The session keeps it only where settings make ONNX Runtime read it later.</param>
    /// <param name="options">How to run it.</param>
    /// <param name="modelName">The model, for messages.</param>
    public static OrtSession Create(OrtLibrary library, byte[] bytes, OnnxOptions options, string modelName)
    {
        var api = library.Api;
        var settings = OrtSessionOptions.Create(library, options, modelName);
        SharedWeights? weights = null;
        GCHandle pinned = default;
        try
        {
            nint session;
            if (s_readLater.Any(key => options.SessionConfig.TryGetValue(key, out var value) && value == "1")) pinned = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            if (options.ShareWeights) weights = SharedWeights.Add(library, bytes, settings);
            fixed (byte* data = bytes)
            {
                library.Check(weights is null
                    ? api.CreateSessionFromArray(library.Environment.Pointer, data, (nuint)bytes.Length, settings, &session)
                    : api.CreateSessionFromArrayWithPrepackedWeights(library.Environment.Pointer, data, (nuint)bytes.Length, settings, weights.Prepared, &session));
            }

            return new OrtSession(library, session, pinned, bytes.Length, weights, options.ShrinkMemoryArena);
        }
        catch
        {
            weights?.Release();
            if (pinned.IsAllocated) pinned.Free();
            throw;
        }
        finally
        {
            api.ReleaseSessionOptions(settings);
        }
    }

    /// <summary>Sets what a run asks for; once, before the first one.</summary>
    public void SetNames(IReadOnlyList<string> inputs, SessionOutput[] outputs)
    {
        Outputs = outputs;
        _keptValues = new KeptValues(this, inputs.Count + outputs.Length);
        _inputNames = new NativeTexts(inputs);
        _outputNames = new NativeTexts(Array.ConvertAll(outputs, output => output.Name));
    }

    public CancellableRun RentRun() => _keptRuns.TryRent() ?? new CancellableRun(Library, ShrinksArena);

    public void ReturnRun(CancellableRun run)
    {
        if (!_keptRuns.TryReturn(run)) run.Release();
    }

    /// <summary>Takes the values of a run. Until they are returned the session is not released: disposing during a prediction, wrong as it is, must not crash the process.</summary>
    /// <param name="address">Where the first input lies.</param>
    public RunValues RentValues(nint address) => _keptValues!.Rent(address);

    public void ReturnValues(RunValues values) => _keptValues!.Return(values);

    protected override void Dispose(bool disposing)
    {
        _keptValues?.Close();
        base.Dispose(disposing);
    }

    protected override bool ReleaseHandle()
    {
        Library.Api.ReleaseSession(handle);
        _weights?.Release();
        while (_keptRuns.TryRent() is { } run) run.Release();
        _inputNames?.Dispose();
        _outputNames?.Dispose();
        if (_pinned.IsAllocated) _pinned.Free();
        GC.RemoveMemoryPressure(_size);
        return true;
    }
}
