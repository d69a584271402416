using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class SortOperatorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(400)]
    public async Task Sort_AnyRows_GivesWhatLinqGives(int rows)
    {
        var data = RandomData.Create(4, rows);
        SortKey[][] orders =
        [
            [SortKey.Ascending("amount")], [SortKey.Descending("amount")], [SortKey.Ascending("city")], [SortKey.Descending("name")], [SortKey.Ascending("time")],
            [SortKey.Ascending("flag"), SortKey.Descending("city"), SortKey.Ascending("amount")], [SortKey.Descending("key"), SortKey.Descending("day")], [SortKey.Descending("flag")],
        ];
        foreach (var keys in orders)
        {
            IOrderedEnumerable<object?[]> expected = (await DatasetRows.ReadAsync(data)).OrderBy(_ => 0);
            foreach (var key in keys)
            {
                var i = data.Schema.IndexOf(key.Column);
                expected = expected.ThenBy(row => row[i] is null);
                expected = key.IsDescending ? expected.ThenByDescending(row => row[i], Comparer) : expected.ThenBy(row => row[i], Comparer);
            }

            DatasetRows.AssertSame([.. expected], await DatasetRows.ReadLawfullyAsync(data.Sort(keys)));
        }
    }

    [Fact]
    public async Task Sort_NumbersOfEveryType_AreInTheirOrder()
    {
        var data = InMemoryDataset.FromColumns(
            "numbers",
            (new ColumnSchema("long", ElementType.Int64), new Column<long>([0, long.MinValue, -1, long.MaxValue, 1])),
            (new ColumnSchema("ulong", ElementType.UInt64), new Column<ulong>([0, ulong.MaxValue, 1, 1UL << 63, 2])),
            (new ColumnSchema("sbyte", ElementType.Int8), new Column<sbyte>([0, -128, 127, -1, 1])),
            (new ColumnSchema("half", ElementType.Float16), new Column<Half>([Half.Zero, Half.NegativeInfinity, Half.MaxValue, (Half)(-1), (Half)1])),
            (new ColumnSchema("float", ElementType.Float32), new Column<float>([0, float.MinValue, float.PositiveInfinity, -float.Epsilon, float.Epsilon])));
        foreach (var column in data.Schema)
        {
            var sorted = (await DatasetRows.ReadAsync(data.Sort(column.Name).Select(column.Name))).Select(row => row[0]).ToArray();
            Assert.Equal(sorted.Order(), sorted);
            Assert.Equal(sorted.Reverse(), (await DatasetRows.ReadAsync(data.Sort([SortKey.Descending(column.Name)]).Select(column.Name))).Select(row => row[0]));
        }
    }

    [Fact]
    public async Task Sort_MoreRowsThanAllowed_SaysSo()
    {
        var data = RandomData.Create(1, 100);
        Assert.Equal(100, (await DatasetRows.ReadAsync(data.Sort([new SortKey("id")], maximumRows: 100))).Count);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => DatasetRows.ReadAsync(data.Sort([new SortKey("id")], maximumRows: 99)));
        Assert.Contains("maximumRows", error.Message);
        Assert.Contains("99", error.Message);
    }

    [Fact]
    public async Task Sort_ReadsOnlyTheColumnsNeeded()
    {
        var source = new RecordingDataset(RandomData.Create(1, 50));
        await DatasetRows.ReadAsync(source.Sort("time", "id"), new ReadOptions { Columns = ["city"] });
        Assert.Equal(["city", "time", "id"], source.ColumnsRead!);
        Assert.Throws<ArgumentException>(() => source.Sort("vector"));
        Assert.Throws<ArgumentException>(() => source.Sort((string[])[]));
    }

    private static readonly Comparer<object?> Comparer = Comparer<object?>.Create((one, other) => (one, other) switch
    {
        (null, null) => 0,
        (string text, string other2) => System.Text.Encoding.UTF8.GetBytes(text).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(other2)),
        (double.NaN, double.NaN) => 0,
        (double.NaN, _) => 1,
        (_, double.NaN) => -1,
        (double number, double other2) => number < other2 ? -1 : number > other2 ? 1 : 0,
        _ => System.Collections.Comparer.DefaultInvariant.Compare(one, other),
    });
}
