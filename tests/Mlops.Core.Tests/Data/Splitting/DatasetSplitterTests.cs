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

    [Fact]
    public async Task ByTime_Gap_BelongsToNeither()
    {
        var dataset = (await CsvDataset.OpenAsync(TestFiles.PathOf("samples", "data", "chicago.csv"), cancellationToken: Token)).WithRole("date", ColumnRole.Time);
        var split = DatasetSplitter.ByTime(dataset, new DateOnly(2006, 1, 1), gap: TimeSpan.FromDays(7));
        Assert.Equal(new DateOnly(2005, 12, 24), (await DaysAsync(split.Train)).Max());
        Assert.Equal(new DateOnly(2006, 1, 1), (await DaysAsync(split.Test)).Min());
        Assert.Equal("chicago.csv [2006-01-01, …)", split.Test.Name);
        Assert.EndsWith("[…, 2005-12-25)", split.Train.Name, StringComparison.Ordinal);
        Assert.EndsWith("[…, 2005-12-31T18:00:00Z)", DatasetSplitter.ByTime(dataset, new DateOnly(2006, 1, 1), gap: TimeSpan.FromHours(6)).Train.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnySplit_Parts_AreNamedAndHaveTheSchema()
    {
        var data = RandomData.Create(seed: 1, rows: 500, name: "churn", nulls: 0);
        var options = new SplitOptions { ValidationRatio = 0.1 };
        foreach (var split in new[] { await DatasetSplitter.RandomAsync(data, options, Token), await DatasetSplitter.TimeAsync(data, options, cancellationToken: Token), DatasetSplitter.ByKey(data, options) })
        {
            Assert.Equal(["churn (train)", "churn (validation)", "churn (test)"], new[] { split.Train, split.Validation!, split.Test }.Select(part => part.Name));
            Assert.All(new[] { split.Train, split.Validation!, split.Test }, part => Assert.Equal(data.Schema, part.Schema));
        }

        Assert.Null((await DatasetSplitter.GroupAsync(data, cancellationToken: Token)).Validation);
        var folds = await DatasetSplitter.PurgedKFoldAsync(data, 3, TimeSpan.Zero, cancellationToken: Token);
        Assert.Equal(["churn (fold 2 of 3, train)", "churn (fold 2 of 3, test)"], [folds[1].Train.Name, folds[1].Test.Name]);
        Assert.Equal("churn (fold 3 of 3, test)", (await DatasetSplitter.GroupKFoldAsync(data, 3, cancellationToken: Token))[2].Test.Name);
    }

    [Fact]
    public async Task AnySplit_Parts_ReadLawfullyAndKeepTheRows()
    {
        var data = RandomData.Create(seed: 3, rows: 700, nulls: 0);
        var all = (await DatasetRows.ReadAsync(data)).ToDictionary(row => (int)row[0]!, DatasetRows.Show);
        foreach (var part in new[] { (await DatasetSplitter.RandomAsync(data, cancellationToken: Token)).Train, (await DatasetSplitter.StratifiedKFoldAsync(data, 4, column: "key", cancellationToken: Token))[3].Test, DatasetSplitter.ByKey(data, columns: ["city", "key"]).Train })
        {
            var rows = await DatasetRows.ReadLawfullyAsync(part);
            Assert.All(rows, row => Assert.Equal(all[(int)row[0]!], DatasetRows.Show(row)));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task AnySplit_SourceHasOtherRowsThen_FailsAsItIsRead(int change)
    {
        using var directory = new TestDirectory();
        string Lines(int rows) => "id,label,group,time\n" + string.Concat(Enumerable.Range(0, rows).Select(row => $"{row},{row % 2},{row % 7},2024-01-{1 + (row % 28):00}\n"));
        var data = (await CsvDataset.OpenAsync(directory.Write("rows.csv", Lines(100)), cancellationToken: Token))
            .WithRole("label", ColumnRole.Label).WithRole("group", ColumnRole.Group).WithRole("time", ColumnRole.Time).WithRole("id", ColumnRole.Key);
        IDataset[] parts =
        [
            (await DatasetSplitter.RandomAsync(data, cancellationToken: Token)).Train, (await DatasetSplitter.StratifiedAsync(data, cancellationToken: Token)).Test,
            (await DatasetSplitter.GroupAsync(data, cancellationToken: Token)).Test, (await DatasetSplitter.TimeAsync(data, cancellationToken: Token)).Train,
            (await DatasetSplitter.KFoldAsync(data, cancellationToken: Token))[0].Test, (await DatasetSplitter.PurgedKFoldAsync(data, 4, TimeSpan.Zero, cancellationToken: Token))[1].Train,
        ];
        var byKey = DatasetSplitter.ByKey(data);
        foreach (var part in parts) Assert.NotEmpty(await SplitRows.IdsAsync(part));
        directory.Write("rows.csv", Lines(100 + change));
        foreach (var part in parts)
        {
            var error = await Assert.ThrowsAsync<EntityConflictException>(() => SplitRows.IdsAsync(part));
            Assert.Contains("had 100 rows when it was split", error.Message, StringComparison.Ordinal);
            Assert.Contains("Split it again", error.Message, StringComparison.Ordinal);
        }

        // A split by key knows nothing of numbers of rows.
        Assert.Equal(100 + change, (await SplitRows.IdsAsync(byKey.Train)).Length + (await SplitRows.IdsAsync(byKey.Test)).Length);
    }

    [Fact]
    public async Task AnySplit_Making_ReadsOnlyTheColumnsThatItNeeds()
    {
        var source = RandomData.Create(seed: 1, rows: 300, nulls: 0);
        await AssertReadsAsync(["id"], data => DatasetSplitter.RandomAsync(data, cancellationToken: Token));
        await AssertReadsAsync(["city"], data => DatasetSplitter.StratifiedAsync(data, column: "city", cancellationToken: Token));
        await AssertReadsAsync(["key"], data => DatasetSplitter.GroupKFoldAsync(data, cancellationToken: Token));
        await AssertReadsAsync(["key", "city"], data => DatasetSplitter.StratifiedGroupKFoldAsync(data, labelColumn: "city", cancellationToken: Token));
        await AssertReadsAsync(["time"], data => DatasetSplitter.TimeSeriesFoldsAsync(data, cancellationToken: Token));
        var lazy = new RecordingDataset(source);
        Assert.NotNull(DatasetSplitter.ByKey(lazy));
        Assert.Empty(lazy.Reads);

        async Task AssertReadsAsync(string[] columns, Func<IDataset, Task> split)
        {
            var data = new RecordingDataset(source);
            await split(data);
            Assert.Equal(columns, data.ColumnsRead);
        }
    }

    [Fact]
    public async Task ByKey_ManyKeys_MeetsTheSharesAsChanceAllows()
    {
        const int Rows = 100_000;
        var numbers = InMemoryDataset.FromColumns("keys", (new ColumnSchema("id", ElementType.Int64, ColumnRole.Key), new Column<long>([.. Enumerable.Range(0, Rows).Select(row => (long)row)])));
        for (ulong seed = 0; seed < 5; seed++)
        {
            var parts = await SplitRows.PartsAsync(DatasetSplitter.ByKey(numbers, new SplitOptions { TestRatio = 0.2, ValidationRatio = 0.05, Seed = seed }), Rows);
            // Binomial: standard deviations of 126 and 69; fixed seeds, so this does not flicker.
            Assert.InRange(parts.Count(part => part == 2), 20_000 - 500, 20_000 + 500);
            Assert.InRange(parts.Count(part => part == 1), 5_000 - 280, 5_000 + 280);
        }
    }

    [Fact]
    public async Task ByKey_KeyOfAnotherType_IsTheSameKey()
    {
        int[] keys = [.. Enumerable.Range(-50, 100)];
        Column[] forms = [new Column<int>(keys), new Column<long>([.. keys.Select(key => (long)key)]), new Column<double>([.. keys.Select(key => key == 0 ? -0.0 : key)]), TextColumn.FromStrings([.. keys.Select(key => $"{key}")])];
        var expected = await PartsAsync(forms[0]);
        foreach (var form in forms) Assert.Equal(expected, await PartsAsync(form));
        Assert.Equal(3, expected.Distinct().Count());

        async Task<int[]> PartsAsync(Column column) => await SplitRows.PartsAsync(
            DatasetSplitter.ByKey(
                InMemoryDataset.FromColumns("d", (new ColumnSchema("id", ElementType.Int32), new Column<int>([.. Enumerable.Range(0, 100)])), (new ColumnSchema("key", column.Type, ColumnRole.Key), column)),
                new SplitOptions { ValidationRatio = 0.2 }), 100);
    }

    [Fact]
    public async Task RandomAsync_ManySeeds_DrawsEachRowEquallyOften()
    {
        const int Rows = 20, Seeds = 4000;
        var data = RandomData.Create(1, Rows).Select("id");
        var drawn = new int[Rows];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            foreach (var id in await SplitRows.IdsAsync((await DatasetSplitter.RandomAsync(data, new SplitOptions { TestRatio = 0.25, Seed = seed }, Token)).Test)) drawn[id]++;
        }

        // Each count is binomial(4000, 1/4): mean 1000, standard deviation 27; fixed seeds, so this does not flicker.
        Assert.All(drawn, count => Assert.InRange(count, 1000 - 110, 1000 + 110));
    }

    [Fact]
    public async Task RandomAsync_PartSplitAgainWithTheSameSeed_IsIndependent()
    {
        var data = RandomData.Create(1, 20_000).Select("id");
        var options = new SplitOptions { TestRatio = 0.5, Seed = 1 };
        var train = (await DatasetSplitter.RandomAsync(data, options, Token)).Train;
        var again = await SplitRows.IdsAsync((await DatasetSplitter.RandomAsync(train, options, Token)).Train);
        var rank = (await SplitRows.IdsAsync(train)).Index().ToDictionary(row => row.Item, row => row.Index);
        // The n-th row of the part is learned from as often as not, whether or not the n-th row of the whole was: hypergeometric, standard deviation 35.
        var first = (await SplitRows.IdsAsync(train)).ToHashSet();
        Assert.InRange(again.Count(id => first.Contains(rank[id])), 2500 - 150, 2500 + 150);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static async Task<List<DateOnly>> DaysAsync(IDataset dataset)
    {
        var days = new List<DateOnly>();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = ["date"] }, Token)) days.AddRange(((Column<DateOnly>)batch[0]).Values.ToArray());
        return days;
    }
}
