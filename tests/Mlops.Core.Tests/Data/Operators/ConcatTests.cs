using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class ConcatTests
{
    [Fact]
    public async Task Concat_OtherOrderAndTypes_WidensAndMatchesByName()
    {
        var (one, two) = (RandomData.Create(1, 90), RandomData.Create(2, 60));
        var other = two.Cast("id", ElementType.Int64).Cast("key", ElementType.Float32).Select(["vector", "time", "flag", "day", "amount", "name", "city", "key", "id"]).WithRole("amount", ColumnRole.Feature);
        var all = one.Concat(other, one);

        Assert.Equal([ElementType.Int64, ElementType.Float64], all.Schema.Take(2).Select(column => column.Type));
        Assert.Equal(one.Schema.Select(column => (column.Name, column.Role)), all.Schema.Select(column => (column.Name, column.Role)));
        var expected = new List<object?[]>();
        foreach (var data in new IDataset[] { one, two, one }) expected.AddRange(await DatasetRows.ReadAsync(data));
        DatasetRows.AssertSame(expected, await DatasetRows.ReadLawfullyAsync(all));
    }

    [Theory]
    [InlineData(ElementType.Int32, ElementType.Int64, ElementType.Int64)]
    [InlineData(ElementType.Int8, ElementType.Int16, ElementType.Int16)]
    [InlineData(ElementType.UInt8, ElementType.UInt32, ElementType.UInt32)]
    [InlineData(ElementType.UInt32, ElementType.Int8, ElementType.Int64)]
    [InlineData(ElementType.Int64, ElementType.Float64, ElementType.Float64)]
    [InlineData(ElementType.Int32, ElementType.Float32, ElementType.Float64)]
    [InlineData(ElementType.Float16, ElementType.Float32, ElementType.Float32)]
    [InlineData(ElementType.UInt64, ElementType.Int64, null)]
    [InlineData(ElementType.Boolean, ElementType.Int32, null)]
    [InlineData(ElementType.String, ElementType.Int32, null)]
    [InlineData(ElementType.Date, ElementType.Timestamp, null)]
    public void Concat_TwoTypes_HaveOneInCommonOrNot(ElementType one, ElementType other, ElementType? common)
    {
        foreach (var (first, second) in new[] { (one, other), (other, one) })
        {
            if (common is null) Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => Empty(first).Concat(Empty(second))).Message);
            else Assert.Equal(new DataSchema(new ColumnSchema("x", common.Value)), Empty(first).Concat(Empty(second, isNullable: false)).Schema);
        }
    }

    [Fact]
    public void Concat_OtherColumns_NamesTheDifference()
    {
        var data = RandomData.Create(1, 5);
        Assert.Contains("'flag'", Assert.Throws<ArgumentException>(() => data.Concat(data.Drop("flag"))).Message);
        Assert.Contains("'flag'", Assert.Throws<ArgumentException>(() => data.Drop("flag").Concat(data)).Message);
        Assert.Contains("'vector'", Assert.Throws<ArgumentException>(() => data.Concat(data.Derive("vector", "amount", (double amount) => (float)amount))).Message);
    }

    [Fact]
    public async Task Concat_IntegerThatAFloatCannotHold_FailsTheRead()
    {
        var integers = InMemoryDataset.FromColumns("integers", (new ColumnSchema("x", ElementType.Int64), new Column<long>([1, (1L << 53) + 1])));
        var error = await Assert.ThrowsAsync<DataFormatException>(() => DatasetRows.ReadAsync(Empty(ElementType.Float64).Concat(integers)));
        Assert.Contains("row 2 ", error.Message);
    }

    private static InMemoryDataset Empty(ElementType type, bool isNullable = true) => new("empty", new DataSchema(new ColumnSchema("x", type) { IsNullable = isNullable }));
}
