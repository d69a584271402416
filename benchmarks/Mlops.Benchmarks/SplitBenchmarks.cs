using BenchmarkDotNet.Attributes;
using Mlops.Data;

namespace Mlops.Benchmarks;

/// <summary>What does it cost to split ten million rows that are in memory, in time and in memory that the parts keep, and to read a part?</summary>
[MemoryDiagnoser]
public class SplitBenchmarks
{
    private const int Rows = 10_000_000;
    private static readonly SplitOptions s_options = new() { TestRatio = 0.2, ValidationRatio = 0.1, Seed = 1 };
    private InMemoryDataset _data = null!;
    private DatasetSplit _random = null!;
    private DatasetSplit _stratified = null!;
    private DatasetSplit _key = null!;
    private DatasetSplit _time = null!;

    /// <summary>The number of different groups; the largest have ten times the rows of the mean.</summary>
    [Params(1_000_000)]
    public int Groups { get; set; }

    [GlobalSetup]
    public async Task Setup()
    {
        _data = Create(Groups);
        _random = await DatasetSplitter.RandomAsync(_data, s_options);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        _stratified = await DatasetSplitter.StratifiedAsync(_data, s_options);
        var stratified = GC.GetTotalMemory(forceFullCollection: true) - before;
        var folds = await DatasetSplitter.GroupKFoldAsync(_data, 10);
        var groups = GC.GetTotalMemory(forceFullCollection: true) - before - stratified;
        Console.WriteLine($"Kept for {Rows} rows: stratified split {stratified} bytes, {folds.Count} folds of groups {groups} bytes.");
        _key = DatasetSplitter.ByKey(_data, s_options);
        _time = await DatasetSplitter.TimeAsync(_data, s_options);
    }

    /// <summary>Draws as many rows as the training parts have, without any split: what copying the rows costs.</summary>
    [Benchmark(Baseline = true)]
    public Task<long> ReadSampleFraction() => CountAsync(_data.SampleFraction(0.7, seed: 1));

    [Benchmark]
    public Task Random() => DatasetSplitter.RandomAsync(_data, s_options);

    [Benchmark]
    public Task Stratified() => DatasetSplitter.StratifiedAsync(_data, s_options);

    [Benchmark]
    public Task StratifiedBins() => DatasetSplitter.StratifiedAsync(_data, s_options, "amount", 10);

    [Benchmark]
    public Task Group() => DatasetSplitter.GroupAsync(_data, s_options);

    [Benchmark]
    public Task GroupKFold() => DatasetSplitter.GroupKFoldAsync(_data, 10);

    [Benchmark]
    public Task StratifiedGroupKFold() => DatasetSplitter.StratifiedGroupKFoldAsync(_data, 10);

    [Benchmark]
    public Task TimeSeriesFolds() => DatasetSplitter.TimeSeriesFoldsAsync(_data, 10);

    [Benchmark]
    public Task<long> ReadRandomTrain() => CountAsync(_random.Train);

    [Benchmark]
    public Task<long> ReadStratifiedTrain() => CountAsync(_stratified.Train);

    [Benchmark]
    public Task<long> ReadKeyTrain() => CountAsync(_key.Train);

    [Benchmark]
    public Task<long> ReadTimeTrain() => CountAsync(_time.Train);

    private static async Task<long> CountAsync(IDataset dataset)
    {
        long rows = 0;
        await foreach (var batch in dataset.ReadAsync()) rows += batch.RowCount;
        return rows;
    }

    private static InMemoryDataset Create(int groups)
    {
        var random = new Random(1);
        string[] labels = ["stays", "leaves", "unknown"];
        var schema = new DataSchema(
            new ColumnSchema("customer", ElementType.Int32, ColumnRole.Group), new ColumnSchema("id", ElementType.Int64, ColumnRole.Key), new ColumnSchema("time", ElementType.Timestamp, ColumnRole.Time),
            new ColumnSchema("churn", ElementType.String, ColumnRole.Label), new ColumnSchema("amount", ElementType.Float64));
        var batches = new List<DataBatch>();
        for (var first = 0; first < Rows; first += ReadOptions.DefaultBatchRows)
        {
            var numbers = Enumerable.Range(first, Math.Min(ReadOptions.DefaultBatchRows, Rows - first)).ToArray();
            batches.Add(new DataBatch(
                schema,
                new Column<int>([.. numbers.Select(_ => (int)(groups * Math.Pow(random.NextDouble(), 1.2)))]),
                new Column<long>([.. numbers.Select(number => (long)number)]),
                new Column<DateTime>([.. numbers.Select(number => DateTime.UnixEpoch.AddSeconds((number * 7919L) % Rows))]),
                TextColumn.FromCodes([.. numbers.Select(_ => random.Next(20) switch { 0 => 2, < 4 => 1, _ => 0 })], labels),
                new Column<double>([.. numbers.Select(_ => random.NextDouble() * 100)])));
        }

        return new InMemoryDataset("customers", schema, batches);
    }
}
