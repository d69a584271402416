using BenchmarkDotNet.Attributes;
using CsvHelper;
using Mlops.Data;

namespace Mlops.Benchmarks;

/// <summary>What do typed columns cost beyond parsing? chicago.csv, repeated to 200 MB: 39 columns of fractions, 10 of integers, one of days.</summary>
[MemoryDiagnoser]
public class CsvBenchmarks
{
    private string _path = "";
    private CsvDataset _dataset = null!;
    private CsvDataset _parallel = null!;

    [GlobalSetup]
    public void Setup()
    {
        _path = LargeCsv.Create();
        _dataset = CsvDataset.OpenAsync(_path).GetAwaiter().GetResult();
        _parallel = new CsvDataset(_path, _dataset.Schema, new CsvOptions { Parallelism = 2 });
    }

    /// <summary>The bare loop of CsvHelper: every number is parsed and forgotten; the day is not looked at.</summary>
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

    /// <summary>The same loop, and the numbers are kept in arrays of 4096: the floor of whatever makes columns.</summary>
    [Benchmark]
    public double ParseAndStore()
    {
        using var reader = CsvReader.FromFile(_path, new CsvReaderOptions());
        var (columns, row, sum) = (NewArrays(), 0, 0.0);
        while (reader.Read())
        {
            for (var i = 0; i < columns.Length; i++) columns[i][row] = reader.Parse<double>(i);
            if (++row < ReadOptions.DefaultBatchRows) continue;
            sum += columns[0][0];
            (columns, row) = (NewArrays(), 0);
        }

        return sum;

        static double[][] NewArrays() => [.. Enumerable.Range(0, 49).Select(_ => GC.AllocateUninitializedArray<double>(ReadOptions.DefaultBatchRows))];
    }

    [Benchmark]
    public Task<long> TypedColumns() => _dataset.ScanAsync([]);

    [Benchmark]
    public Task<long> TypedColumnsTwoThreads() => _parallel.ScanAsync([]);
}
