using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Core.Tests.Profiles;

public sealed class DatasetProfileTests
{
    [Fact]
    public async Task CreateAsync_Credit_CountsExactly()
    {
        var dataset = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token);
        var profile = await DatasetProfile.CreateAsync(dataset, Token);

        Assert.Equal(4454, profile.RowCount);
        Assert.Equal(381, profile.Find("Income")!.MissingCount);
        Assert.Equal(3200, profile.Find("Status")!.Values!.GetCount("good"));
        var age = await ValuesAsync(dataset, "Age");
        Assert.Equal(age.Average(), profile.Find("Age")!.Moments!.Mean, 1e-9);
        Assert.Equal(age.Select(a => (a - age.Average()) * (a - age.Average())).Average(), profile.Find("Age")!.Moments!.Variance, 1e-7);
    }

    [Fact]
    public async Task Merge_Halves_EqualsTheWholeWithinRounding()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("samples", "data", "chicago.csv"), cancellationToken: Token)).WithRole("date", ColumnRole.Time);
        var whole = await DatasetProfile.CreateAsync(dataset, Token);
        var split = DatasetSplitter.ByTime(dataset, new DateOnly(2008, 7, 1));
        var merged = await DatasetProfile.CreateAsync(split.Train, Token);
        merged.Merge(await DatasetProfile.CreateAsync(split.Test, Token));

        Assert.Equal(whole.RowCount, merged.RowCount);
        foreach (var (a, b) in whole.Columns.Zip(merged.Columns))
        {
            Assert.Equal(a.Moments!.Mean, b.Moments!.Mean, 1e-9);
            Assert.Equal(a.Moments.Variance, b.Moments.Variance, 1e-6);
            Assert.Equal((a.Moments.Minimum, a.Moments.Maximum), (b.Moments.Minimum, b.Moments.Maximum));
            Assert.Equal(a.Quantiles!.Count, b.Quantiles!.Count);
        }
    }

    [Fact]
    public async Task FromJson_Written_IsTheSameProfile()
    {
        var dataset = await CsvDataset.OpenAsync(TestFiles.PathOf("tests", "TestData", "credit.csv"), cancellationToken: Token);
        var json = (await DatasetProfile.CreateAsync(dataset, Token)).ToJson();
        Assert.Equal(json, DatasetProfile.FromJson(json).ToJson());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<List<double>> ValuesAsync(IDataset dataset, string column)
    {
        var values = new List<double>();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [column] }, Token))
            values.AddRange(ColumnNumbers.ToDoubles(batch[0]).Where(value => !double.IsNaN(value)));
        return values;
    }
}
