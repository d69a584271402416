using BenchmarkDotNet.Attributes;
using Mlops.Models;
using Mlops.Serving;

namespace Mlops.Benchmarks;

/// <summary>What does the payload log cost a hosted prediction of ten numbers, on the caller's thread?</summary>
/// <remarks>One operation is one call; what an iteration queued is written between iterations and not measured. Bytes are those of all threads.</remarks>
[MemoryDiagnoser]
[InvocationCount(1, 1)]
public class PayloadLogBenchmarks
{
    private const int Calls = 20_000;

    private readonly PredictionContext _context = new();
    private readonly TensorBatch _inputs = HostedFactor.Signature.RentInputs(1);
    private readonly TensorBatch _outputs = HostedFactor.Signature.RentOutputs(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-benchmarks-").FullName;
    private IPredictor _hosted = null!;
    private PayloadLog? _log;

    public enum Observation
    {
        None,
        Quiet,
        Sampled,
        Logged,
        Omitted,
        Hashed,
    }

    [Params(Observation.None, Observation.Quiet, Observation.Sampled, Observation.Logged, Observation.Omitted, Observation.Hashed)]
    public Observation Observer { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _inputs.Get<float>(0).Span.Fill(1.5f);
        var options = new PayloadLogOptions { Directory = _folder, MaxFiles = 2, QueueCapacityBytes = 1 << 30 };
        if (Observer == Observation.Sampled) options.Sampling.Ratio = 0.01;
        if (Observer == Observation.Omitted) options.Redaction.Columns["y"] = SensitiveColumnPolicy.Omit;
        if (Observer == Observation.Hashed) (options.Redaction.Columns["y"], options.Redaction.HashKey) = (SensitiveColumnPolicy.Hash, new byte[32]);
        if (Observer > Observation.Quiet) _log = new PayloadLog(options);
        IPredictionObserver[] observers = Observer == Observation.None ? [] : [_log is null ? new Quiet() : _log];
        _hosted = new HostedFactor().CreateAsync(observers).GetAwaiter().GetResult().Get("factor");

        // The tool's own warm-up is over before the code is compiled for good, and the first observer would be the slowest one.
        for (var iteration = 0; iteration < 20; iteration++)
        {
            Predict().GetAwaiter().GetResult();
            Flush();
            Thread.Sleep(50); // The compiler works in its own time, and tells nobody when it is done.
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _log?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        Directory.Delete(_folder, recursive: true);
    }

    [IterationCleanup]
    public void Flush() => _log?.FlushAsync().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Calls)]
    public async Task Predict()
    {
        for (var call = 0; call < Calls; call++)
        {
            _context.Reset();
            await _hosted.PredictAsync(_inputs, _outputs, _context);
        }
    }

    private sealed class Quiet : IPredictionObserver
    {
        public void OnPredicted(TensorBatch inputs, TensorBatch outputs, PredictionContext context, TimeSpan duration)
        {
        }

        public void OnFailed(PredictionContext context, Exception error, TimeSpan duration)
        {
        }
    }
}
