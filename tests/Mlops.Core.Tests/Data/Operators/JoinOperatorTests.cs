using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class JoinOperatorTests
{
    public static TheoryData<int, int, int, JoinKind> Shapes()
    {
        var shapes = new TheoryData<int, int, int, JoinKind>();
        foreach (var kind in Enum.GetValues<JoinKind>())
        {
            foreach (var (left, right) in new[] { (0, 10), (10, 0), (1, 1), (120, 20), (50, 120) })
                for (var seed = 1; seed <= 3; seed++) shapes.Add(seed, left, right, kind);
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Join_AnyRows_GivesWhatNestedLoopsGive(int seed, int leftRows, int rightRows, JoinKind kind)
    {
        foreach (string[] keys in new string[][] { ["key"], ["city"], ["name"], ["day"], ["key", "city"], ["city", "flag", "day"], ["amount"], ["vector", "flag"] })
        {
            var left = RandomData.Create(seed, leftRows, "left");
            var right = RandomData.Create(seed + 100, rightRows, "right");
            var joined = left.Join(right, keys, kind, suffix: "_r");

            var expected = NestedLoops(await DatasetRows.ReadAsync(left), await DatasetRows.ReadAsync(right), [.. keys.Select(left.Schema.IndexOf)], kind, right.Schema.Count);
            DatasetRows.AssertSame(expected, await DatasetRows.ReadLawfullyAsync(joined));
        }
    }

    [Fact]
    public async Task Join_RowWithManyMatches_FillsManyBatches()
    {
        var left = Numbers("left", [7, 7]);
        var right = Numbers("right", [.. Enumerable.Repeat(7L, 1000)]).Derive("row", "key", (long key) => key);
        var sizes = new List<int>();
        await foreach (var batch in left.Join(right, ["key"]).ReadAsync(new ReadOptions { BatchRows = 300 }, TestContext.Current.CancellationToken)) sizes.Add(batch.RowCount);
        Assert.Equal([300, 300, 300, 300, 300, 300, 200], sizes);
    }

    [Fact]
    public void Join_SameNameOnBothSides_NeedsASuffix()
    {
        var (left, right) = (RandomData.Create(1, 5, "left"), RandomData.Create(2, 5, "right"));
        var error = Assert.Throws<ArgumentException>(() => left.Join(right, ["key"]));
        Assert.Contains("'id'", error.Message);
        Assert.Contains("suffix", error.Message);

        var joined = left.Join(right.Select("key", "amount", "day"), ["key"], JoinKind.Left, "_r").Schema;
        Assert.Equal(["amount_r", "day_r"], joined.Skip(9).Select(column => column.Name));
        // A suffix may collide in its turn.
        Assert.Throws<ArgumentException>(() => left.Rename("flag", "amount_r").Join(right.Select("key", "amount"), ["key"], suffix: "_r"));
    }

    [Fact]
    public void Join_Schema_KeepsRolesAndSaysWhatMayBeMissing()
    {
        var (left, right) = (RandomData.Create(1, 5).Select("key", "id"), RandomData.Create(2, 5).Select("key", "id", "amount"));
        var inner = left.Join(right, ["key"], suffix: "_r").Schema;
        Assert.Equal(ColumnRole.Label, inner["amount"].Role);
        Assert.Equal(ColumnRole.Key, inner["id_r"].Role);
        Assert.False(inner["id_r"].IsNullable);
        Assert.True(left.Join(right, ["key"], JoinKind.Left, "_r").Schema["id_r"].IsNullable);
        Assert.False(left.Join(right, ["key"], JoinKind.Left, "_r").Schema["id"].IsNullable);
    }

    [Fact]
    public void Join_WrongKeys_NamesThem()
    {
        var (left, right) = (RandomData.Create(1, 5, "left"), RandomData.Create(2, 5, "right"));
        Assert.Contains("cast", Assert.Throws<ArgumentException>(() => left.Join(right.Cast("key", ElementType.Int32, CastFailure.Null), ["key"], suffix: "_r")).Message);
        Assert.Equal("nowhere", Assert.Throws<EntityNotFoundException>(() => left.Join(right, ["nowhere"])).Name);
        Assert.Throws<ArgumentException>(() => left.Join(right, []));
    }

    [Fact]
    public async Task Join_ReadsOnlyTheColumnsNeeded()
    {
        var (left, right) = (new RecordingDataset(RandomData.Create(1, 50)), new RecordingDataset(RandomData.Create(2, 50)));
        await DatasetRows.ReadAsync(left.Join(right, ["key"], suffix: "_r"), new ReadOptions { Columns = ["amount_r", "city"], BatchRows = 9 });
        Assert.Equal(["city", "key"], left.ColumnsRead!);
        Assert.Equal(["amount", "key"], right.ColumnsRead!);
        Assert.Equal(9, left.Reads.Single()!.BatchRows);
    }

    [Fact]
    public async Task Join_DictionaryTexts_StayDictionaryEncoded()
    {
        var right = Numbers("right", [0, 1, 2, 3]).Derive(new ColumnSchema("city", ElementType.String), ["key"], batch => TextColumn.FromCodes([.. Enumerable.Repeat(0, batch.RowCount)], ["Rome"]));
        await foreach (var batch in RandomData.Create(1, 500).Select("key").Join(right, ["key"], JoinKind.Left).ReadAsync(null, TestContext.Current.CancellationToken))
        {
            var city = Assert.IsType<TextColumn>(batch["city"]);
            Assert.True(city.IsDictionaryEncoded);
            Assert.Equal(1, city.EntryCount);
        }
    }

    private static IDataset Numbers(string name, long[] keys) => InMemoryDataset.FromColumns(name, (new ColumnSchema("key", ElementType.Int64), new Column<long>(keys)));

    private static List<object?[]> NestedLoops(List<object?[]> left, List<object?[]> right, int[] keys, JoinKind kind, int rightWidth)
    {
        var joined = new List<object?[]>();
        foreach (var one in left)
        {
            var matches = right.Where(other => keys.All(key => one[key] is not null && other[key] is not null && AreEqual(one[key]!, other[key]!))).ToList();
            if (matches.Count == 0 && kind == JoinKind.Left) matches.Add(new object?[rightWidth]);
            joined.AddRange(matches.Select(other => (object?[])[.. one, .. other.Where((_, i) => !keys.Contains(i))]));
        }

        return joined;
    }

    // As SQL compares, but NaN equals NaN; object.Equals of double does so, and tells the zeros apart only in bits.
    private static bool AreEqual(object one, object other) => one is float[] vector ? vector.AsSpan().SequenceEqual((float[])other) : one.Equals(other);
}
