using BenchmarkDotNet.Attributes;
using Mlops.Models;
using Mlops.Serving;

namespace Mlops.Benchmarks;

/// <summary>What does each decorator of a predictor add to one call? The model adds ten numbers; nobody listens to measurements.</summary>
[MemoryDiagnoser]
public class DecoratorBenchmarks
{
    private readonly PredictionContext _context = new();
    private readonly PredictionContext _bounded = new() { Deadline = TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(1) };
    private readonly TensorBatch _inputs = HostedFactor.Signature.RentInputs(1);
    private readonly TensorBatch _outputs = HostedFactor.Signature.RentOutputs(1);
    private readonly IPredictor _delegate = Predictor.Create(HostedFactor.Signature, (inputs, outputs, _, _) =>
    {
        var sum = 0f;
        foreach (var value in inputs.Get<float>(0).Span) sum += value;
        outputs.Get<float>(0).Span[0] = sum;
    });

    private IPredictor _bare = null!;
    private IPredictor _once = null!;
    private IPredictor _thrice = null!;
    private IPredictor _hosted = null!;
    private IPredictor _lease = null!;
    private IPredictor _unwatchedHosted = null!;
    private IPredictor _unwatchedLease = null!;
    private IPredictor _batching = null!;

    // The in-process toolchain does not await an asynchronous setup.
    [GlobalSetup]
    public void Setup()
    {
        _inputs.Get<float>(0).Span.Fill(1);
        (_bare, _once, _thrice) = (Wrap(0), Wrap(1), Wrap(3));
        _batching = new PredictorBuilder(new HostedFactor.Sum()).UseBatching().Build();
        var host = new HostedFactor().CreateAsync().GetAwaiter().GetResult();
        (_hosted, _lease) = (host.Get("factor"), host.Acquire("factor"));
        var unwatched = new HostedFactor().CreateAsync(new ModelHostOptions { AutoReload = false, HangTimeout = Timeout.InfiniteTimeSpan }).GetAwaiter().GetResult();
        (_unwatchedHosted, _unwatchedLease) = (unwatched.Get("factor"), unwatched.Acquire("factor"));
    }

    [Benchmark(Baseline = true)]
    public ValueTask Bare() => _bare.PredictAsync(_inputs, _outputs, _context);

    [Benchmark]
    public ValueTask PassThroughOnce() => _once.PredictAsync(_inputs, _outputs, _context);

    [Benchmark]
    public ValueTask PassThroughThrice() => _thrice.PredictAsync(_inputs, _outputs, _context);

    /// <summary>A delegate instead of the bare predictor, its checks of both batches included.</summary>
    [Benchmark]
    public ValueTask Delegate() => _delegate.PredictAsync(_inputs, _outputs, _context);

    /// <summary>Run at once on this thread, because nobody else calls.</summary>
    [Benchmark]
    public ValueTask Batching() => _batching.PredictAsync(_inputs, _outputs, _context);

    /// <summary>Run on a thread of the pool, because its deadline is to be kept whatever the model does.</summary>
    [Benchmark]
    public ValueTask BatchingWithDeadline() => _batching.PredictAsync(_inputs, _outputs, _bounded);

    /// <summary>Measured and traced where somebody listened, which nobody does, and ended at a deadline, which there is none; through a lease.</summary>
    [Benchmark]
    public ValueTask LeasedUnwatched() => _unwatchedLease.PredictAsync(_inputs, _outputs, _context);

    /// <summary>The same, and noted for those who look for calls that hang.</summary>
    [Benchmark]
    public ValueTask Leased() => _lease.PredictAsync(_inputs, _outputs, _context);

    /// <summary>As leased, but the current generation is found and kept alive by each call.</summary>
    [Benchmark]
    public ValueTask HostedUnwatched() => _unwatchedHosted.PredictAsync(_inputs, _outputs, _context);

    /// <summary>All of it: what a host does unless it is told otherwise.</summary>
    [Benchmark]
    public ValueTask Hosted() => _hosted.PredictAsync(_inputs, _outputs, _context);

    private static IPredictor Wrap(int times)
    {
        var builder = new PredictorBuilder(new HostedFactor.Sum());
        for (var i = 0; i < times; i++) builder.Use(inner => new PassThrough(inner));
        return builder.Build();
    }

    private sealed class PassThrough(IPredictor inner) : DelegatingPredictor(inner);
}
