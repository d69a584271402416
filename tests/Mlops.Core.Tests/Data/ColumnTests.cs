using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class ColumnTests
{
    [Fact]
    public void Constructor_MissingRows_HoldDefault()
    {
        var column = new Column<double>([1, 2, 3], [0b101]);
        Assert.Equal(1, column.NullCount);
        Assert.True(column.IsNull(1));
        Assert.Equal([1, 0, 3], column.Values.ToArray());
        Assert.Null(column.GetValue(1));
    }

    [Fact]
    public void Slice_AtMultipleOf64_SharesValuesAndValidity()
    {
        var builder = new ColumnBuilder<int>();
        for (var i = 0; i < 200; i++) builder.Append(i % 3 == 0 ? null : i);
        var column = builder.Build();

        var slice = (Column<int>)column.Slice(64, 100);

        Assert.Equal(100, slice.Length);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal((i + 64) % 3 == 0, slice.IsNull(i));
            Assert.Equal((i + 64) % 3 == 0 ? 0 : i + 64, slice.Values[i]);
        }

        Assert.Throws<ArgumentException>(() => column.Slice(63, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => column.Slice(128, 73));
    }

    [Fact]
    public void Take_TextWithNullsAndDictionary_KeepsValues()
    {
        var plain = TextColumn.FromStrings("a", null, "c", "");
        var coded = TextColumn.FromCodes([0, 0, 1, 2], ["a", "c", ""], [0b1101]);

        foreach (var column in new[] { plain, coded })
        {
            var taken = (TextColumn)column.Take([3, 1, 2, 2]);
            Assert.Equal(["", null, "c", "c"], Enumerable.Range(0, 4).Select(taken.GetString));
        }

        Assert.True(coded.IsDictionaryEncoded);
        Assert.Throws<ArgumentOutOfRangeException>(() => TextColumn.FromCodes([3], ["a"]));
    }

    [Fact]
    public void Constructor_Embeddings_HaveRowsOfTheirWidth()
    {
        var column = new Column<float>([1, 2, 3, 4, 5, 6], width: 3);
        Assert.Equal((2, 3), (column.Length, column.Width));
        Assert.Equal([4, 5, 6], (float[])column.GetValue(1)!);
        Assert.Throws<ArgumentException>(() => new Column<float>([1, 2, 3, 4], width: 3));
    }

    [Fact]
    public void DataBatch_ColumnsThatDoNotFit_AreRefusedByName()
    {
        var schema = new DataSchema(new ColumnSchema("x", ElementType.Int64), new ColumnSchema("y", ElementType.Float64));
        Assert.Contains("'y'", Assert.Throws<ArgumentException>(() => new DataBatch(schema, new Column<long>([1]), new Column<long>([1]))).Message, StringComparison.Ordinal);
        Assert.Contains("'y'", Assert.Throws<ArgumentException>(() => new DataBatch(schema, new Column<long>([1]), new Column<double>([1, 2]))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DataSchema_RolesAndNames_AreFoundOrNamedInTheError()
    {
        var schema = new DataSchema(new ColumnSchema("x", ElementType.Int64), new ColumnSchema("y", ElementType.Float64)).WithRole("y", ColumnRole.Label);
        Assert.Equal("y", schema.Single(ColumnRole.Label).Name);
        Assert.Throws<EntityNotFoundException>(() => schema.Single(ColumnRole.Weight));
        Assert.Contains("x, y", Assert.Throws<EntityNotFoundException>(() => schema["z"]).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new DataSchema(schema[0], schema[0]));
    }
}
