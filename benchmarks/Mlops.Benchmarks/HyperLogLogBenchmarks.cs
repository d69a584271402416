using BenchmarkDotNet.Attributes;
using Mlops.Profiles;

namespace Mlops.Benchmarks;

/// <summary>What does counting distinct numbers cost by sketches, and what exactly? A fresh sketch per operation, so that filling it is part of the cost.</summary>
[MemoryDiagnoser]
public class HyperLogLogBenchmarks
{
    private double[] _values = null!;
    private HyperLogLogSketch _other = null!;

    [Params(1_000, 100_000, 4_000_000)]
    public int Values { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _values = [.. Enumerable.Range(0, Values).Select(_ => random.NextDouble())];
        _other = new HyperLogLogSketch();
        _other.Add([.. _values.Select(value => value + 1)]);
    }

    [Benchmark(Baseline = true)]
    public int Exact()
    {
        var set = new HashSet<double>();
        foreach (var value in _values) set.Add(value);
        return set.Count;
    }

    [Benchmark]
    public double HyperLogLog()
    {
        var sketch = new HyperLogLogSketch();
        sketch.Add(_values);
        return sketch.Estimate;
    }

    [Benchmark]
    public double HyperLogLogOfFourBits()
    {
        var sketch = new HyperLogLogSketch(type: HyperLogLogType.Hll4);
        sketch.Add(_values);
        return sketch.Estimate;
    }

    [Benchmark]
    public double Theta()
    {
        var sketch = new ThetaSketch();
        sketch.Add(_values);
        return sketch.Estimate;
    }

    [Benchmark]
    public double MergeHyperLogLog()
    {
        var sketch = new HyperLogLogSketch();
        sketch.Merge(_other);
        sketch.Merge(_other);
        return sketch.Estimate;
    }
}
