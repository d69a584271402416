using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class AsOfJoinOperatorTests
{
    private static readonly DateTime s_noon = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(-1, AsOfDirection.Backward, true, true)]
    [InlineData(0, AsOfDirection.Backward, true, true)]
    [InlineData(1, AsOfDirection.Backward, true, false)]
    [InlineData(-1, AsOfDirection.Backward, false, true)]
    [InlineData(0, AsOfDirection.Backward, false, false)]
    [InlineData(1, AsOfDirection.Backward, false, false)]
    [InlineData(-1, AsOfDirection.Forward, true, false)]
    [InlineData(0, AsOfDirection.Forward, true, true)]
    [InlineData(1, AsOfDirection.Forward, true, true)]
    [InlineData(0, AsOfDirection.Forward, false, false)]
    [InlineData(1, AsOfDirection.Forward, false, true)]
    [InlineData(-1, AsOfDirection.Nearest, true, true)]
    [InlineData(0, AsOfDirection.Nearest, true, true)]
    [InlineData(1, AsOfDirection.Nearest, true, true)]
    [InlineData(0, AsOfDirection.Nearest, false, false)]
    public async Task JoinAsOf_RightRowASecondBeforeOrAfter_IsSeenOrNot(int seconds, AsOfDirection direction, bool allowsExact, bool isSeen)
    {
        // Ticks, too: the least difference that a timestamp can tell.
        foreach (var right in new[] { s_noon.AddSeconds(seconds), s_noon.AddTicks(seconds) })
        {
            var joined = Times([s_noon]).JoinAsOf(Values([right], [42]), "time", new AsOfJoinOptions { Direction = direction, AllowExactMatches = allowsExact });
            Assert.Equal(isSeen ? 42 : null, (await DatasetRows.ReadLawfullyAsync(joined)).Single()[1]);
        }
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public async Task JoinAsOf_Tolerance_AllowsExactlySoMuch(int age, bool isSeen)
    {
        var joined = Times([s_noon]).JoinAsOf(Values([s_noon.AddSeconds(-age)], [42]), "time", new AsOfJoinOptions { Tolerance = TimeSpan.FromSeconds(60) });
        Assert.Equal(isSeen ? 42 : null, (await DatasetRows.ReadAsync(joined)).Single()[1]);
    }

    [Fact]
    public async Task JoinAsOf_SeveralRowsOfOneTime_TakesTheOneNextToWhereItComesFrom()
    {
        DateTime[] times = [s_noon, s_noon.AddSeconds(2), s_noon, s_noon.AddSeconds(2)];
        async Task<object?> MatchAsync(AsOfDirection direction)
            => (await DatasetRows.ReadAsync(Times([s_noon.AddSeconds(1)]).JoinAsOf(Values(times, [1, 2, 3, 4]), "time", new AsOfJoinOptions { Direction = direction }))).Single()[1];

        Assert.Equal(3, await MatchAsync(AsOfDirection.Backward));
        Assert.Equal(2, await MatchAsync(AsOfDirection.Forward));
        Assert.Equal(3, await MatchAsync(AsOfDirection.Nearest));
    }

    [Fact]
    public async Task JoinAsOf_EarliestAndLatestMoments_AreOrdinaryMoments()
    {
        DateTime[] times = [DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc)];
        var joined = await DatasetRows.ReadAsync(Times(times).JoinAsOf(Values(times, [1, 2]), "time", new AsOfJoinOptions { AllowExactMatches = false }));
        Assert.Equal([null, 1], joined.Select(row => row[1]));
        joined = await DatasetRows.ReadAsync(Times(times).JoinAsOf(Values(times, [1, 2]), "time", new AsOfJoinOptions { AllowExactMatches = false, Direction = AsOfDirection.Forward }));
        Assert.Equal([2, null], joined.Select(row => row[1]));
    }

    public static TheoryData<int, int, int, AsOfDirection, bool> Shapes()
    {
        var shapes = new TheoryData<int, int, int, AsOfDirection, bool>();
        foreach (var direction in Enum.GetValues<AsOfDirection>())
        {
            foreach (var (left, right) in new[] { (0, 10), (10, 0), (120, 30), (60, 400) })
                for (var seed = 1; seed <= 2; seed++) shapes.Add(seed, left, right, direction, seed % 2 == 0);
        }

        return shapes;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task JoinAsOf_AnyRows_GivesWhatASearchOfAllRowsGives(int seed, int leftRows, int rightRows, AsOfDirection direction, bool allowsExact)
    {
        var (left, right) = (RandomData.Create(seed, leftRows, "left", keys: 4), RandomData.Create(seed + 50, rightRows, "right", keys: 4));
        foreach (var (time, by) in new (string, string[])[] { ("time", []), ("time", ["key"]), ("time", ["city", "flag"]), ("day", ["key"]) })
        {
            foreach (var tolerance in new TimeSpan?[] { null, TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromDays(2) })
            {
                var options = new AsOfJoinOptions { By = by, Direction = direction, AllowExactMatches = allowsExact, Tolerance = tolerance, Suffix = "_r", MatchedTime = "matched" };
                var joined = await DatasetRows.ReadAsync(left.JoinAsOf(right, time, options), new ReadOptions { BatchRows = 33 });
                var expected = Search(await DatasetRows.ReadAsync(left), await DatasetRows.ReadAsync(right), left.Schema.IndexOf(time), [.. by.Select(left.Schema.IndexOf)], options);
                DatasetRows.AssertSame(expected, joined);
                if (direction == AsOfDirection.Backward) AssertNoRowSeesItsFuture(left.JoinAsOf(right, time, options).Schema, joined, time);
            }
        }

        await DatasetRows.ReadLawfullyAsync(left.JoinAsOf(right, "time", new AsOfJoinOptions { By = ["city"], Direction = direction, Suffix = "_r" }));
    }

    [Fact]
    public async Task JoinAsOf_ReadsOnlyTheColumnsNeeded()
    {
        var (left, right) = (new RecordingDataset(RandomData.Create(1, 50)), new RecordingDataset(RandomData.Create(2, 50)));
        var joined = left.JoinAsOf(right, "time", new AsOfJoinOptions { By = ["key"], Suffix = "_r", MatchedTime = "matched" });
        await DatasetRows.ReadAsync(joined, new ReadOptions { Columns = ["matched", "amount_r"] });
        Assert.Equal(["key", "time"], left.ColumnsRead!);
        Assert.Equal(["time", "amount", "key"], right.ColumnsRead!);
    }

    [Fact]
    public void JoinAsOf_WrongArguments_AreNamed()
    {
        var (left, right) = (RandomData.Create(1, 5, "left"), RandomData.Create(2, 5, "right"));
        Assert.Contains("'key'", Assert.Throws<ArgumentException>(() => left.JoinAsOf(right, "key")).Message);
        Assert.Contains("'id'", Assert.Throws<ArgumentException>(() => left.JoinAsOf(right, "time")).Message);
        Assert.Contains("'time'", Assert.Throws<ArgumentException>(() => left.JoinAsOf(right.Drop("time").Rename("day", "time"), "time", new AsOfJoinOptions { Suffix = "_r" })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => left.JoinAsOf(right, "time", new AsOfJoinOptions { Tolerance = TimeSpan.FromTicks(-1), Suffix = "_r" }));
        Assert.Throws<ArgumentException>(() => left.JoinAsOf(right, "time", new AsOfJoinOptions { By = ["time"], Suffix = "_r" }));
        Assert.Throws<ArgumentException>(() => left.JoinAsOf(right, "time", new AsOfJoinOptions { Suffix = "_r", MatchedTime = "id" }));
    }

    private static void AssertNoRowSeesItsFuture(DataSchema schema, List<object?[]> rows, string time)
    {
        var (own, matched) = (schema.IndexOf(time), schema.IndexOf("matched"));
        foreach (var row in rows)
        {
            if (row[matched] is { } seen) Assert.True(((IComparable)seen).CompareTo(row[own]) <= 0);
        }
    }

    private static List<object?[]> Search(List<object?[]> left, List<object?[]> right, int time, int[] by, AsOfJoinOptions options)
        => [.. left.Select(one =>
        {
            object?[]? best = null;
            var bestDistance = long.MaxValue;
            foreach (var other in right)
            {
                if (one[time] is null || other[time] is null || by.Any(i => one[i] is null || !one[i]!.Equals(other[i]))) continue;
                var ahead = Ticks(other[time]!) - Ticks(one[time]!);
                var distance = Math.Abs(ahead);
                if (distance > (options.Tolerance?.Ticks ?? long.MaxValue) || (ahead == 0 && !options.AllowExactMatches)) continue;
                if ((options.Direction == AsOfDirection.Backward && ahead > 0) || (options.Direction == AsOfDirection.Forward && ahead < 0)) continue;
                // Of equal distances: back before ahead; going back the last, going ahead the first.
                var isBack = options.Direction != AsOfDirection.Forward && ahead <= 0;
                if (distance < bestDistance || (distance == bestDistance && isBack)) (best, bestDistance) = (other, distance);
            }

            best ??= new object?[one.Length];
            return (object?[])[.. one, .. best.Where((_, i) => i == time || !by.Contains(i))];
        })];

    private static long Ticks(object time) => time is DateOnly day ? day.DayNumber * TimeSpan.TicksPerDay : ((DateTime)time).Ticks;

    private static InMemoryDataset Times(DateTime[] times) => InMemoryDataset.FromColumns("left", (new ColumnSchema("time", ElementType.Timestamp), new Column<DateTime>(times)));

    private static InMemoryDataset Values(DateTime[] times, int[] values) => InMemoryDataset.FromColumns(
        "right", (new ColumnSchema("time", ElementType.Timestamp), new Column<DateTime>(times)), (new ColumnSchema("value", ElementType.Int32), new Column<int>(values)));
}
