using BenchmarkDotNet.Attributes;
using Mlops.Data;
using Mlops.Profiles;
using Mlops.Validation;

namespace Mlops.Benchmarks;

/// <summary>What does a check of 1 M rows × 20 columns by every kind of constraint cost beside their profile, and what does one of the rows of a request?</summary>
[MemoryDiagnoser]
public class ValidationBenchmarks
{
    private const int Rows = 1_000_000;
    private const int RequestRows = 1000;
    private InMemoryDataset _dataset = null!;
    private DataBatch _request = null!;
    private DataValidator _inferred = null!;
    private DataValidator _everything = null!;
    private DataValidator _request20 = null!;

    [GlobalSetup]
    public void Setup()
    {
        _dataset = Create(Rows);
        _request = Create(RequestRows).Batches[0];
        var schema = SchemaInference.InferAsync(_dataset).GetAwaiter().GetResult(); // a benchmark's setup cannot await
        _inferred = new DataValidator(schema);
        var options = new DataValidationOptions
        {
            Keys = { ["cities"] = KeySet.ReadAsync(_dataset, "text0").GetAwaiter().GetResult() },
            Profiles = { [DataValidationOptions.Previous] = DatasetProfile.CreateAsync(_dataset).GetAwaiter().GetResult() },
        };
        _everything = new DataValidator(AddEveryKind(schema), options);
        _request20 = new DataValidator(AddPerValue(schema));
    }

    [Benchmark(Baseline = true)]
    public Task<DatasetProfile> Profile() => DatasetProfile.CreateAsync(_dataset);

    [Benchmark]
    public Task<DataValidationReport> InferredConstraints() => _inferred.ValidateAsync(_dataset);

    [Benchmark]
    public Task<DataValidationReport> EveryKindOfConstraint() => _everything.ValidateAsync(_dataset);

    [Benchmark]
    public DataValidationReport RequestOfThousandRows() => _request20.Validate(_request);

    /// <summary>Twelve columns of numbers, a key, a day, a moment, a truth value and four texts.</summary>
    private static InMemoryDataset Create(int rows)
    {
        var random = new Random(1);
        var columns = new List<(ColumnSchema, Column)>();
        for (var i = 0; i < 8; i++) columns.Add((new($"number{i}", ElementType.Float64), new Column<double>([.. Enumerable.Range(0, rows).Select(_ => random.NextDouble() * (i + 1))])));
        for (var i = 0; i < 4; i++) columns.Add((new($"count{i}", ElementType.Int64), new Column<long>([.. Enumerable.Range(0, rows).Select(_ => random.NextInt64(0, 1000))])));
        columns.Add((new("id", ElementType.Int64, ColumnRole.Key), new Column<long>([.. Enumerable.Range(0, rows).Select(i => (long)i)])));
        columns.Add((new("day", ElementType.Date), new Column<DateOnly>([.. Enumerable.Range(0, rows).Select(_ => new DateOnly(2020, 1, 1).AddDays(random.Next(1000)))])));
        columns.Add((new("at", ElementType.Timestamp, ColumnRole.Time), new Column<DateTime>([.. Enumerable.Range(0, rows).Select(i => DateTime.UnixEpoch.AddSeconds(i))])));
        columns.Add((new("flag", ElementType.Boolean), new Column<bool>([.. Enumerable.Range(0, rows).Select(_ => random.Next(2) == 0)])));
        for (var i = 0; i < 4; i++) columns.Add((new($"text{i}", ElementType.String), TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(_ => $"AB-{random.Next(90)}")])));
        return InMemoryDataset.FromColumns("rows", [.. columns]);
    }

    /// <summary>What can be judged of the rows of a request: value by value.</summary>
    private static ValidationSchema AddPerValue(ValidationSchema schema) => schema
        .Column("text1").Matching("^[A-Z]{2}-[0-9]+$").OfLength(3, 9)
        .Column("count0").Is(ComparisonOperator.LessOrEqual, "id", 0)
        .Column("number0").Satisfying("below_two", (double value) => value < 2);

    private static ValidationSchema AddEveryKind(ValidationSchema schema) => AddPerValue(schema)
        .Column("id").Unique().Ordered(MonotoneOrder.StrictlyIncreasing)
        .Column("at").Ordered()
        .Column("day").Between(new DateOnly(2020, 1, 1), new DateOnly(2030, 1, 1)).Distinct(1, 2000)
        .Column("number1").MeanBetween(0, 3).QuantileBetween(0.5, 0, 3)
        .Column("number2").Like(DataValidationOptions.Previous, 0.1)
        .Column("text0").KeyOf("cities").Like(DataValidationOptions.Previous, 0.1)
        .Schema.With(new RowCountConstraint(1, 2 * Rows)).With(new RowCountChangeConstraint(0.5, 2)).With(new UniqueKeyConstraint(["id"]));
}
