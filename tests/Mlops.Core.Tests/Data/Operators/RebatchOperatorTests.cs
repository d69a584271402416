using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class RebatchOperatorTests
{
    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(64, null, 64)]
    [InlineData(300, null, 300)]
    [InlineData(9000, null, 9000)]
    [InlineData(300, 65, 65)]
    [InlineData(65, 300, 65)]
    public async Task Rebatch_RaggedBatches_AreOfOneSize(int rows, int? asked, int size)
    {
        var data = RandomData.Create(1, 10_000).Where("flag", (bool flag) => flag);
        var sizes = new List<int>();
        await foreach (var batch in data.Rebatch(rows).ReadAsync(asked is { } batchRows ? new ReadOptions { BatchRows = batchRows } : null, TestContext.Current.CancellationToken)) sizes.Add(batch.RowCount);

        var count = (await DatasetRows.ReadAsync(data)).Count;
        Assert.Equal(count, sizes.Sum());
        Assert.All(sizes.SkipLast(1), actual => Assert.Equal(size, actual));
        Assert.Equal((count - 1) % size + 1, sizes[^1]);
    }

    [Fact]
    public async Task Rebatch_AnySize_GivesTheSameRows()
    {
        foreach (var data in new IDataset[] { RandomData.Create(1, 0), RandomData.Create(1, 1), RandomData.Create(1, 500), RandomData.Create(1, 500).SampleFraction(0.3, 1) })
        {
            foreach (var rows in new[] { 1, 2, 63, 64, 100, 499, 500, 501 })
                DatasetRows.AssertSame(await DatasetRows.ReadAsync(data), await DatasetRows.ReadLawfullyAsync(data.Rebatch(rows)));
        }
    }

    [Fact]
    public async Task Rebatch_RepetitiveTexts_StayDictionaryEncoded()
    {
        // Each batch has a dictionary of its own; the last one is too small for one.
        var texts = Enumerable.Range(0, 5).Select(batch => InMemoryDataset.FromColumns(
            "texts", (new ColumnSchema("t", ElementType.String), TextColumn.FromStrings([.. Enumerable.Range(0, batch == 4 ? 5 : 40).Select(row => row % 7 == 3 ? null : $"{(row + batch) % 6}")])))).ToArray();
        await foreach (var batch in texts[0].Concat(texts[1..]).Rebatch(1000).ReadAsync(null, TestContext.Current.CancellationToken))
        {
            var column = Assert.IsType<TextColumn>(batch[0]);
            Assert.Equal(165, column.Length);
            Assert.Equal(6, column.EntryCount);
            Assert.True(column.IsDictionaryEncoded);
        }
    }
}
