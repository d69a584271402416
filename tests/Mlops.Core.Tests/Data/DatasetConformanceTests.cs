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

public sealed class CsvOperatorsConformanceTests : DatasetConformance
{
    protected override async Task<IDataset> CreateAsync()
        => (await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv")))
            .WithRole("Status", ColumnRole.Label)
            .Where("Age", (long age) => age > 40);
}
