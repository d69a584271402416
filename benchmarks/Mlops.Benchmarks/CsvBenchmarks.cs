using BenchmarkDotNet.Attributes;
using CsvHelper;
using Mlops.Data;

namespace Mlops.Benchmarks;

/// <summary>What do typed columns, a profile and a fingerprint cost beyond parsing the file?</summary>
[MemoryDiagnoser]
public class CsvBenchmarks
{
    private readonly string _path = Path.Combine(AppContext.BaseDirectory, "data", "chicago.csv");
    private CsvDataset _dataset = null!;

    [GlobalSetup]
    public void Setup() => _dataset = CsvDataset.OpenAsync(_path).GetAwaiter().GetResult();

    [Benchmark(Baseline = true)]
    public double ParseAlone()
    {
        using var reader = CsvReader.FromFile(_path, new CsvReaderOptions());
        double sum = 0;
        while (reader.Read())
        {
            for (var i = 0; i < reader.FieldCount - 1; i++) sum += reader.Parse<double>(i);
        }

        return sum;
    }

    [Benchmark]
    public async Task<int> TypedColumns()
    {
        var rows = 0;
        await foreach (var batch in _dataset.ReadAsync()) rows += batch.RowCount;
        return rows;
    }

    [Benchmark]
    public async Task<string> TypedColumnsAndFingerprint() => (await DatasetFingerprint.ComputeAsync(_dataset)).Digest;
}
