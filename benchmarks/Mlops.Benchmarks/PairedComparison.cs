using System.Diagnostics;
using System.Globalization;

namespace Mlops.Benchmarks;

/// <summary>Times calls beside each other: short blocks of each by turns, so that a machine that changes its speed within a run changes it for all of them.</summary>
/// <param name="title">What is compared.</param>
/// <param name="calls">How many calls make a block: some tenths of a millisecond.</param>
internal sealed class PairedComparison(string title, int calls)
{
    private const int WarmUpRounds = 200;

    private static readonly TimeSpan s_compilation = TimeSpan.FromMilliseconds(300);
    private readonly List<Contender> _contenders = [];
    private readonly Random _random = new(1);

    /// <summary>Adds calls to be timed.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="call">Makes one.</param>
    /// <param name="baselines">What they are compared with, added before.</param>
    public PairedComparison Add(string name, Func<float> call, params string[] baselines) => Add(name, Repeat(call), baselines);

    public PairedComparison Add(string name, Func<ValueTask> call, params string[] baselines) => Add(name, Repeat(call), baselines);

    public PairedComparison Add<T>(string name, Func<ValueTask<T>> call, params string[] baselines) => Add(name, Repeat(call), baselines);

    /// <summary>Times them, and tells medians: of a call, and of what it takes more than its baseline in the same round.</summary>
    public void Run(int rounds)
    {
        // Again and again: code that was watched is compiled once more.
        for (var pass = 0; pass < 3; pass++)
        {
            for (var round = 0; round < WarmUpRounds; round++) Measure();
            Thread.Sleep(s_compilation); // The compiler works in its own time, and tells nobody when it is done.
        }

        foreach (var contender in _contenders) contender.Forget();
        for (var round = 0; round < rounds; round++) Measure();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{title}: {rounds} rounds of {calls} calls each"));
        foreach (var contender in _contenders) contender.Tell(calls);
    }

    private PairedComparison Add(string name, Action<int> run, params string[] baselines)
    {
        _contenders.Add(new Contender(name, run, Array.ConvertAll(baselines, baseline => _contenders.Single(contender => contender.Name == baseline))));
        return this;
    }

    /// <summary>Each round has an order of its own, for what ran before leaves its traces in the caches.</summary>
    private void Measure()
    {
        Contender[] order = [.. _contenders];
        _random.Shuffle(order);
        foreach (var contender in order) contender.Measure(calls);
    }

    private static Action<int> Repeat(Func<float> call) => times =>
    {
        for (var i = 0; i < times; i++) call();
    };

    private static Action<int> Repeat(Func<ValueTask> call) => times =>
    {
        for (var i = 0; i < times; i++) Complete(call());
    };

    private static Action<int> Repeat<T>(Func<ValueTask<T>> call) => times =>
    {
        for (var i = 0; i < times; i++) Complete(call());
    };

    private static void Complete(ValueTask call)
    {
        if (!call.IsCompletedSuccessfully) throw NotDone();
    }

    private static void Complete<T>(ValueTask<T> call)
    {
        if (!call.IsCompletedSuccessfully) throw NotDone();
    }

    private static InvalidOperationException NotDone() => new("A call did not end at once.");

    private sealed class Contender(string name, Action<int> run, Contender[] baselines)
    {
        private readonly List<double> _nanoseconds = [];
        private long _allocated;

        public string Name => name;

        public void Measure(int calls)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            run(calls);
            var elapsed = Stopwatch.GetElapsedTime(start);
            _allocated += GC.GetAllocatedBytesForCurrentThread() - allocated;
            _nanoseconds.Add(elapsed.TotalNanoseconds / calls);
        }

        public void Forget()
        {
            _nanoseconds.Clear();
            _nanoseconds.EnsureCapacity(1 << 16);
            _allocated = 0;
        }

        public void Tell(int calls)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"  {name}: {Quantile(_nanoseconds, 0.5):F1} ns, {(double)_allocated / calls / _nanoseconds.Count:F1} B");
            foreach (var baseline in baselines)
            {
                var more = _nanoseconds.Zip(baseline._nanoseconds, static (own, other) => own - other).ToList();
                var ratios = _nanoseconds.Zip(baseline._nanoseconds, static (own, other) => (own / other) - 1).ToList();
                text += string.Create(
                    CultureInfo.InvariantCulture,
                    $"\n    beside {baseline.Name} {Quantile(more, 0.5):+0.0;-0.0} ns (quartiles {Quantile(more, 0.25):+0.0;-0.0} and {Quantile(more, 0.75):+0.0;-0.0}), {Quantile(ratios, 0.5):+0.0 %;-0.0 %} ({Quantile(ratios, 0.25):+0.0 %;-0.0 %} and {Quantile(ratios, 0.75):+0.0 %;-0.0 %})");
            }

            Console.WriteLine(text);
        }

        private static double Quantile(List<double> values, double quantile)
        {
            double[] sorted = [.. values.Order()];
            return sorted[(int)(quantile * (sorted.Length - 1))];
        }
    }
}
