using BenchmarkDotNet.Attributes;
using Mlops.Profiles;

namespace Mlops.Benchmarks;

/// <summary>What does it cost to sketch a column of numbers, against sorting it, and to ask the sketch?</summary>
[MemoryDiagnoser]
public class KllSketchBenchmarks
{
    private readonly KllSketch _full = new();
    private double[] _values = [];
    private double[] _sorted = [];

    [Params(10_000, 1_000_000)]
    public int Count { get; set; }

    [Params(KllSketch.DefaultK)]
    public int K { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _values = new double[Count];
        foreach (ref var value in _values.AsSpan()) value = (random.NextDouble() * 2) - 1;
        _sorted = new double[Count];
        _full.Add(_values);
    }

    [Benchmark(Baseline = true)]
    public double Sort()
    {
        _values.CopyTo(_sorted, 0);
        Array.Sort(_sorted);
        return _sorted[Count / 2];
    }

    [Benchmark]
    public long Kll()
    {
        var sketch = new KllSketch(K);
        sketch.Add(_values);
        return sketch.Count;
    }

    [Benchmark]
    public long KllOneByOne()
    {
        var sketch = new KllSketch(K);
        foreach (var value in _values) sketch.Add(value);
        return sketch.Count;
    }

    [Benchmark]
    public double Moments()
    {
        var sketch = new MomentsSketch();
        sketch.Add(_values);
        return sketch.Variance;
    }

    /// <summary>The first question after a change sorts what is kept.</summary>
    [Benchmark]
    public double AddOneAndAskQuantile()
    {
        _full.Add(0.5);
        return _full.GetQuantile(0.99);
    }
}
