using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class DatasetSplitterTests
{
    [Fact]
    public async Task ByTime_Chicago_NeverGoesBackwardsAndLosesNothing()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("samples", "data", "chicago.csv"), cancellationToken: Token)).WithRole("date", ColumnRole.Time);

        var split = DatasetSplitter.ByTime(dataset, new DateOnly(2006, 1, 1));

        var (train, test) = (await DaysAsync(split.Train), await DaysAsync(split.Test));
        Assert.Equal(5698, train.Count + test.Count);
        Assert.Equal(new DateOnly(2005, 12, 31), train.Max());
        Assert.Equal(new DateOnly(2006, 1, 1), test.Min());
    }

    [Fact]
    public async Task ByTime_WithBounds_KeepsThePeriods()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("samples", "data", "chicago.csv"), cancellationToken: Token)).WithRole("date", ColumnRole.Time);
        var split = DatasetSplitter.ByTime(dataset, new DateOnly(2006, 1, 1), new DateOnly(2005, 1, 1), new DateOnly(2006, 2, 1));
        Assert.Equal(365, (await DaysAsync(split.Train)).Count);
        Assert.Equal(31, (await DaysAsync(split.Test)).Count);
        Assert.Throws<ArgumentException>(() => DatasetSplitter.ByTime(dataset, new DateOnly(2006, 1, 1), new DateOnly(2006, 1, 1)));
    }

    [Fact]
    public void ByTime_NoTimeColumn_NamesTheRole()
    {
        var dataset = InMemoryDataset.FromColumns("d", (new ColumnSchema("x", ElementType.Int64), new Column<long>([1])));
        Assert.Contains("Time", Assert.Throws<EntityNotFoundException>(() => DatasetSplitter.ByTime(dataset, new DateOnly(2006, 1, 1))).Message, StringComparison.Ordinal);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<List<DateOnly>> DaysAsync(IDataset dataset)
    {
        var days = new List<DateOnly>();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = ["date"] }, Token)) days.AddRange(((Column<DateOnly>)batch[0]).Values.ToArray());
        return days;
    }
}
