using System.Runtime.InteropServices;
using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Mlops.Data;

namespace Mlops.Benchmarks;

/// <summary>What does a fingerprint cost against SHA-256 of the same bytes? 200 MB of numbers, and 20 MB of texts.</summary>
[MemoryDiagnoser]
public class FingerprintBenchmarks
{
    private const int Rows = 500_000;
    private double[][] _columns = [];
    private byte[] _textBytes = [];
    private InMemoryDataset _numbers = null!;
    private InMemoryDataset _texts = null!;
    private InMemoryDataset _gaps = null!;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _columns = [.. Enumerable.Range(0, 50).Select(_ => Enumerable.Range(0, Rows).Select(_ => random.NextDouble()).ToArray())];
        _numbers = InMemoryDataset.FromColumns("numbers", [.. _columns.Select((values, i) => (new ColumnSchema($"c{i}", ElementType.Float64), (Column)new Column<double>(values)))]);
        _gaps = InMemoryDataset.FromColumns("gaps", [.. _columns.Select((values, i) => (new ColumnSchema($"c{i}", ElementType.Int64), (Column)new Column<long>(
            [.. values.Select(value => (long)(value * 1e9))], [.. Enumerable.Repeat(0x5555555555555555UL, (Rows + 63) / 64)])))]);
        var texts = Enumerable.Range(0, Rows).Select(i => $"a text of some forty bytes, {random.Next():x8} {i % 10}").ToArray();
        _textBytes = System.Text.Encoding.UTF8.GetBytes(string.Concat(texts));
        _texts = InMemoryDataset.FromColumns("texts", (new ColumnSchema("text", ElementType.String), TextColumn.FromStrings(texts)));
    }

    [Benchmark(Baseline = true)]
    public byte[] Sha256OfNumbers()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var column in _columns) hash.AppendData(MemoryMarshal.AsBytes(column.AsSpan()));
        return hash.GetHashAndReset();
    }

    [Benchmark]
    public Task<DatasetReference> Numbers() => DatasetFingerprint.ComputeAsync(_numbers);

    /// <summary>Every other value is missing.</summary>
    [Benchmark]
    public Task<DatasetReference> NumbersWithGaps() => DatasetFingerprint.ComputeAsync(_gaps);

    [Benchmark]
    public Task<DatasetReference> NumbersInAnyOrder() => DatasetFingerprint.ComputeAsync(_numbers, null, RowOrder.Ignored);

    [Benchmark]
    public byte[] Sha256OfTexts() => SHA256.HashData(_textBytes);

    [Benchmark]
    public Task<DatasetReference> Texts() => DatasetFingerprint.ComputeAsync(_texts);
}
