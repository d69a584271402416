using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using Mlops.Data;

namespace Mlops.Benchmarks;

/// <summary>What does each operator cost for a million rows of six columns that are in memory, beyond reading them?</summary>
[MemoryDiagnoser]
public class OperatorBenchmarks
{
    private const int Rows = 1_000_000;
    private const int Customers = 50_000;
    private static readonly DateTime s_start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private InMemoryDataset _orders = null!;
    private InMemoryDataset _customers = null!;
    private InMemoryDataset _balances = null!;

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _orders = Create("orders", Rows, row => random.Next(Customers), random);
        _customers = Create("customers", Customers, row => row, random);
        _balances = Create("balances", Customers * 4, row => row % Customers, random);
    }

    [Benchmark(Baseline = true)]
    public Task<long> Read() => CountAsync(_orders);

    [Benchmark]
    public Task<long> WhereByRow() => CountAsync(_orders.Where((batch, row) => ((Column<double>)batch["amount"]).Values[row] > 50));

    [Benchmark]
    public Task<long> WhereByValue() => CountAsync(_orders.Where("amount", (double amount) => amount > 50));

    [Benchmark]
    public Task<long> WhereBySpan() => CountAsync(_orders.Where("amount", (ReadOnlySpan<double> amounts, Span<bool> kept) =>
    {
        for (var row = 0; row < kept.Length; row++) kept[row] = amounts[row] > 50;
    }));

    [Benchmark]
    public Task<long> WhereOneColumnWanted() => CountAsync(_orders.Where("amount", (double amount) => amount > 50).Select("amount"));

    [Benchmark]
    public Task<long> DeriveByValue() => CountAsync(_orders.Derive("log", "amount", (double amount) => Math.Log(amount)));

    [Benchmark]
    public Task<long> DeriveBySpan() => CountAsync(_orders.Derive<double, double>("log", "amount", TensorPrimitives.Log));

    [Benchmark]
    public Task<long> Cast() => CountAsync(_orders.Cast("amount", ElementType.Float32));

    [Benchmark]
    public Task<long> JoinByNumber() => CountAsync(_orders.Join(_customers, ["customer"], JoinKind.Left, "_customer"));

    [Benchmark]
    public Task<long> JoinByTwoColumns() => CountAsync(_orders.Join(_customers, ["customer", "city"], JoinKind.Left, "_customer"));

    [Benchmark]
    public Task<long> JoinAsOf() => CountAsync(_orders.JoinAsOf(_balances, "time", new AsOfJoinOptions { By = ["customer"], Suffix = "_balance" }));

    [Benchmark]
    public Task<long> Distinct() => CountAsync(_orders.Distinct("customer", "city"));

    [Benchmark]
    public Task<long> Sort() => CountAsync(_orders.Sort("city", "time"));

    [Benchmark]
    public Task<long> Sample() => CountAsync(_orders.Sample(10_000, seed: 1));

    [Benchmark]
    public Task<long> SampleFraction() => CountAsync(_orders.SampleFraction(0.01, seed: 1));

    [Benchmark]
    public Task<long> Rebatch() => CountAsync(_orders.Rebatch(1000));

    private static async Task<long> CountAsync(IDataset dataset)
    {
        long rows = 0;
        await foreach (var batch in dataset.ReadAsync()) rows += batch.RowCount;
        return rows;
    }

    private static InMemoryDataset Create(string name, int rows, Func<int, int> customerOf, Random random)
    {
        string[] cities = ["Rome", "Oslo", "Bern", "Wien", "Graz"];
        var schema = new DataSchema(
            new ColumnSchema("customer", ElementType.Int32, ColumnRole.Group), new ColumnSchema("time", ElementType.Timestamp, ColumnRole.Time), new ColumnSchema("city", ElementType.String),
            new ColumnSchema("amount", ElementType.Float64), new ColumnSchema("items", ElementType.Int64), new ColumnSchema("note", ElementType.String));
        var batches = new List<DataBatch>();
        for (var first = 0; first < rows; first += ReadOptions.DefaultBatchRows)
        {
            var numbers = Enumerable.Range(first, Math.Min(ReadOptions.DefaultBatchRows, rows - first)).ToArray();
            batches.Add(new DataBatch(
                schema,
                new Column<int>([.. numbers.Select(customerOf)]),
                new Column<DateTime>([.. numbers.Select(_ => s_start.AddSeconds(random.Next(1_000_000)))]),
                TextColumn.FromCodes([.. numbers.Select(_ => random.Next(cities.Length))], cities),
                new Column<double>([.. numbers.Select(_ => random.NextDouble() * 100)]),
                new Column<long>([.. numbers.Select(_ => (long)random.Next(10))]),
                TextColumn.FromStrings([.. numbers.Select(number => $"note {number}")])));
        }

        return new InMemoryDataset(name, schema, batches);
    }
}
