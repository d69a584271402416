using Mlops.Data;
using Mlops.Testing;

namespace Mlops.Core.Tests.Data;

public sealed class CsvDatasetConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync() => await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"));
}

public sealed class InMemoryDatasetConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync()
        => await (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"))).ToMemoryAsync();
}

public sealed class JsonLinesDatasetConformanceTests : DatasetConformance, IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    protected override async Task<IDataset> CreateAsync()
        => await JsonLinesDataset.OpenAsync(_directory.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 200).Select(i => $$"""{"id":{{i}},"name":"n{{i % 7}}"}""" + "\n"))));
}

public sealed class RecordDatasetConformanceTests : DatasetConformance
{
    protected override Task<IDataset> CreateAsync()
        => Task.FromResult<IDataset>(Enumerable.Range(0, 200).Select(i => (Id: i, Name: $"n{i}")).ToDataset("records", map => map.Column("id", r => r.Id).Column("name", r => r.Name)));
}

public sealed class DbDatasetConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync()
    {
        SQLitePCL.Batteries_V2.Init();
        return await DbDataset.OpenAsync(
            "numbers",
            _ => new(new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:")),
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199) SELECT i, i * 0.5 AS half, 'n' || i AS name FROM n");
    }
}

public sealed class PartitionedDatasetConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync()
    {
        var credit = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"));
        return new PartitionedDataset("credit twice", credit.Schema, [credit, await credit.ToMemoryAsync()], parallelism: 2);
    }
}

public sealed class BadRowsConformanceTests : DatasetConformance, IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    protected override Task<IDataset> CreateAsync() => Task.FromResult(new CsvDataset(
        _directory.Write("bad.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 300).Select(i => i % 2 == 0 ? $"{i},1\n" : $"{i},x\n"))),
        new DataSchema(new ColumnSchema("x", ElementType.Int64), new ColumnSchema("y", ElementType.Int64))).BadRows);
}

public sealed class CsvOperatorsConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync()
        => (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv")))
            .WithRole("Status", ColumnRole.Label)
            .Where("Age", (long age) => age > 40);
}
