using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Mlops.Tracking;

namespace Mlops.Benchmarks;

/// <summary>
/// What does logging a measurement cost the thread that logs it, from one thread and from four that do nothing else, to a store that discards and to the one in memory?
/// Beside it what rivals cost that only hand the measurement over: a channel that one thread reads, and a list behind a lock that is exchanged.
/// </summary>
/// <remarks>The time is the wall clock's divided by all measurements. With four threads on two cores each thread feels twice that, waiting for a slow store included.</remarks>
[MemoryDiagnoser]
public class LogMetricBenchmarks
{
    private const int Count = 1_000_000;

    private TrackingBackend _backend = null!;
    private Tracker _discarding = null!;
    private Tracker _inMemory = null!;
    private Run _run = null!;
    private Run _kept = null!;
    private Thread[] _threads = [];

    [Params(1, 4)]
    public int Threads { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _backend = TrackingBackend.InMemory();
        _discarding = NewTracker(new DiscardingAppender());
        _run = await _discarding.StartRunAsync("e");
    }

    // The store in memory keeps everything, so each iteration has its own.
    [IterationSetup]
    public void NewStore()
    {
        _inMemory = NewTracker(null);
        _kept = _inMemory.StartRunAsync("e").GetAwaiter().GetResult();
    }

    [IterationCleanup]
    public void DropStore() => _inMemory.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [GlobalCleanup]
    public async Task CleanupAsync() => await _discarding.DisposeAsync();

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public void Discarding() => Run(() => Log(_run));

    [Benchmark(OperationsPerInvoke = Count)]
    public void InMemory() => Run(() => Log(_kept));

    [Benchmark(OperationsPerInvoke = Count)]
    public void RivalChannel()
    {
        var channel = Channel.CreateBounded<Metric>(new BoundedChannelOptions(65_536) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        var reader = Task.Run(async () =>
        {
            long taken = 0;
            while (await channel.Reader.WaitToReadAsync())
            {
                while (channel.Reader.TryRead(out _)) taken++;
            }

            return taken;
        });
        Run(() =>
        {
            for (var i = 0; i < Count / Threads; i++)
            {
                var metric = new Metric("loss", i, i, TimeProvider.System.GetUtcNow());
                if (!channel.Writer.TryWrite(metric)) channel.Writer.WriteAsync(metric).AsTask().GetAwaiter().GetResult();
            }
        });
        channel.Writer.Complete();
        reader.GetAwaiter().GetResult();
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void RivalLock()
    {
        var (gate, buffer, spare) = (new Lock(), new List<Metric>(65_536), new List<Metric>(65_536));
        Run(() =>
        {
            for (var i = 0; i < Count / Threads; i++)
            {
                var metric = new Metric("loss", i, i, TimeProvider.System.GetUtcNow());
                lock (gate)
                {
                    buffer.Add(metric);
                    if (buffer.Count < 65_536) continue;
                    (buffer, spare) = (spare, buffer);
                    spare.Clear();
                }
            }
        });
    }

    private void Log(Run run)
    {
        for (var i = 0; i < Count / Threads; i++) run.LogMetric("loss", i, i);
    }

    private Tracker NewTracker(IMetricAppender? metrics)
    {
        var backend = metrics is null ? TrackingBackend.InMemory() : new TrackingBackend
        {
            Experiments = _backend.Experiments,
            Runs = _backend.Runs,
            Leases = _backend.Leases,
            Metrics = metrics,
            Registry = _backend.Registry,
            State = _backend.State,
            Artifacts = _backend.Artifacts,
        };
        return new Tracker(backend, new TrackerOptions { CaptureEnvironment = false, Spool = { IsEnabled = false } });
    }

    private void Run(Action body)
    {
        if (Threads == 1)
        {
            body();
            return;
        }

        _threads = [.. Enumerable.Range(0, Threads).Select(_ => new Thread(() => body()))];
        foreach (var thread in _threads) thread.Start();
        foreach (var thread in _threads) thread.Join();
    }

    private sealed class DiscardingAppender : IMetricAppender
    {
        public Task AppendAsync(IReadOnlyList<MetricBatch> batches, CancellationToken cancellationToken = default) => Task.CompletedTask;

        public Task<Page<Metric>> ReadAsync(MetricQuery query, CancellationToken cancellationToken = default) => Task.FromResult(new Page<Metric>([], null));

        public Task<IReadOnlyList<Metric>> SampleAsync(MetricQuery query, int points, CancellationToken cancellationToken = default) => Task.FromResult<IReadOnlyList<Metric>>([]);
    }
}
