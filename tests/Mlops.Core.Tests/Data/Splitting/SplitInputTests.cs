using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>What cannot be split is refused by an error that names the column or the option, and the remedy.</summary>
public sealed class SplitInputTests
{
    private static readonly DateTime s_start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Every way to split that is asynchronous.</summary>
    public static TheoryData<string> Ways => new(s_ways.Keys);

    private static readonly Dictionary<string, Func<IDataset, Task>> s_ways = new()
    {
        ["random"] = data => DatasetSplitter.RandomAsync(data, cancellationToken: Token),
        ["stratified"] = data => DatasetSplitter.StratifiedAsync(data, cancellationToken: Token),
        ["group"] = data => DatasetSplitter.GroupAsync(data, cancellationToken: Token),
        ["time"] = data => DatasetSplitter.TimeAsync(data, cancellationToken: Token),
        ["k-fold"] = data => DatasetSplitter.KFoldAsync(data, cancellationToken: Token),
        ["stratified k-fold"] = data => DatasetSplitter.StratifiedKFoldAsync(data, cancellationToken: Token),
        ["group k-fold"] = data => DatasetSplitter.GroupKFoldAsync(data, cancellationToken: Token),
        ["stratified group k-fold"] = data => DatasetSplitter.StratifiedGroupKFoldAsync(data, cancellationToken: Token),
        ["time series"] = data => DatasetSplitter.TimeSeriesFoldsAsync(data, cancellationToken: Token),
        ["purged"] = data => DatasetSplitter.PurgedKFoldAsync(data, 5, TimeSpan.Zero, cancellationToken: Token),
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task AnySplit_NoRows_SaysSo(string way)
        => Assert.Contains("Dataset 'data' has no rows", (await Assert.ThrowsAsync<ArgumentException>(() => s_ways[way](Rows(0)))).Message, StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task AnySplit_OneRow_SaysWhatIsTooFew(string way)
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => s_ways[way](Rows(1)));
        Assert.Matches("has 1 rows|too few|occurs in 2 rows", error.Message);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task AnySplit_NoDataset_IsNamed(string way)
        => Assert.Equal("dataset", (await Assert.ThrowsAsync<ArgumentNullException>(() => s_ways[way](null!))).ParamName);

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task AnySplit_Cancelled_IsCancelled(string way)
    {
        using var source = new CancellationTokenSource();
        var data = new RecordingDataset(Rows(50)) { BeforeBatch = _ => source.CancelAsync() };
        var split = way switch
        {
            "random" => DatasetSplitter.RandomAsync(data, null, source.Token),
            "stratified" => DatasetSplitter.StratifiedAsync(data, cancellationToken: source.Token),
            "group" => DatasetSplitter.GroupAsync(data, cancellationToken: source.Token),
            "time" => DatasetSplitter.TimeAsync(data, cancellationToken: source.Token),
            "k-fold" => DatasetSplitter.KFoldAsync(data, cancellationToken: source.Token),
            "stratified k-fold" => DatasetSplitter.StratifiedKFoldAsync(data, bins: null, cancellationToken: source.Token),
            "group k-fold" => DatasetSplitter.GroupKFoldAsync(data, cancellationToken: source.Token),
            "stratified group k-fold" => DatasetSplitter.StratifiedGroupKFoldAsync(data, cancellationToken: source.Token),
            "time series" => DatasetSplitter.TimeSeriesFoldsAsync(data, cancellationToken: source.Token),
            _ => (Task)DatasetSplitter.PurgedKFoldAsync(data, 5, TimeSpan.Zero, cancellationToken: source.Token),
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => split);
    }

    [Theory]
    [InlineData(0, 0, "TestRatio")]
    [InlineData(-0.1, 0, "TestRatio")]
    [InlineData(1, 0, "TestRatio")]
    [InlineData(double.NaN, 0, "TestRatio")]
    [InlineData(0.2, -0.1, "ValidationRatio")]
    [InlineData(0.2, double.NaN, "ValidationRatio")]
    [InlineData(0.2, 0.8, "ValidationRatio")]
    [InlineData(0.7, 0.9, "ValidationRatio")]
    public async Task AnySplit_RatioOutOfRange_NamesIt(double test, double validation, string name)
    {
        var options = new SplitOptions { TestRatio = test, ValidationRatio = validation };
        Func<Task>[] ways =
        [
            () => DatasetSplitter.RandomAsync(Rows(9), options, Token), () => DatasetSplitter.StratifiedAsync(Rows(9), options, cancellationToken: Token),
            () => DatasetSplitter.GroupAsync(Rows(9), options, cancellationToken: Token), () => DatasetSplitter.TimeAsync(Rows(9), options, cancellationToken: Token),
            () => Task.FromResult(DatasetSplitter.ByKey(Rows(9), options)),
        ];
        foreach (var way in ways) Assert.Equal(name, (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(way)).ParamName);
    }

    [Fact]
    public void SplitOptions_ToString_IsInvariant()
        => Assert.Equal("test 0.25, validation 0.1, seed 7", new SplitOptions { TestRatio = 0.25, ValidationRatio = 0.1, Seed = 7 }.ToString());

    [Fact]
    public async Task AnySplit_AFewRows_LeavesNoPartEmpty()
    {
        var options = new SplitOptions { TestRatio = 0.01, ValidationRatio = 0.01 };
        Assert.Equal((int[])[0, 1, 2], (await SplitRows.PartsAsync(await DatasetSplitter.RandomAsync(Rows(3), options, Token), 3)).Order());
        Assert.Equal((int[])[0, 1, 2], (await SplitRows.PartsAsync(await DatasetSplitter.GroupAsync(Rows(3), options, "id", Token), 3)).Order());
        Assert.Equal((int[])[0, 1, 2], await SplitRows.PartsAsync(await DatasetSplitter.TimeAsync(Rows(3), options, cancellationToken: Token), 3));
        Assert.Equal((int[])[0, 0, 1, 2], (await SplitRows.PartsAsync(await DatasetSplitter.StratifiedAsync(Rows(4), options, cancellationToken: Token), 4)).Order());
        Assert.Contains("3 parts needs at least 3", (await Assert.ThrowsAsync<ArgumentException>(() => DatasetSplitter.RandomAsync(Rows(2), options, Token))).Message, StringComparison.Ordinal);
        Assert.Contains("3 parts", (await Assert.ThrowsAsync<ArgumentException>(() => DatasetSplitter.GroupAsync(Rows(4), options, "label", Token))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnyFolds_TooMany_SayOfWhat()
    {
        foreach (var folds in new[] { 1, 0, -1 })
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.KFoldAsync(Rows(9), folds, cancellationToken: Token));
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.PurgedKFoldAsync(Rows(9), folds, TimeSpan.Zero, cancellationToken: Token));
        }

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.TimeSeriesFoldsAsync(Rows(9), 0, cancellationToken: Token));
        await AssertThrowsAsync("9 rows, too few for 10 folds", () => DatasetSplitter.KFoldAsync(Rows(9), 10, cancellationToken: Token));
        await AssertThrowsAsync("'label' of dataset 'data' occurs in 6 rows", () => DatasetSplitter.StratifiedKFoldAsync(Rows(9), 6, cancellationToken: Token));
        await AssertThrowsAsync("'group' of dataset 'data' has 3 different groups, too few for 4 folds", () => DatasetSplitter.GroupKFoldAsync(Rows(9), 4, cancellationToken: Token));
        await AssertThrowsAsync("'group' of dataset 'data' has 3 different groups, too few for 4 folds", () => DatasetSplitter.StratifiedGroupKFoldAsync(Rows(9), 4, cancellationToken: Token));
        await AssertThrowsAsync("9 different times, too few for 9 folds", () => DatasetSplitter.TimeSeriesFoldsAsync(Rows(9), 9, cancellationToken: Token));
        await AssertThrowsAsync("9 different times, too few for 10 folds", () => DatasetSplitter.PurgedKFoldAsync(Rows(9), 10, TimeSpan.Zero, cancellationToken: Token));
        // A label with fewer rows than folds is missing from some; as long as another has enough, that is no error.
        var foldOf = await SplitRows.FoldsAsync(await DatasetSplitter.StratifiedKFoldAsync(Rows(9), 5, cancellationToken: Token), 9);
        Assert.Equal(5, foldOf.Distinct().Count());
    }

    [Fact]
    public async Task KFoldAsync_AsManyFoldsAsRows_LeavesOneOut()
        => Assert.Equal(Enumerable.Range(0, 40), (await SplitRows.FoldsAsync(await DatasetSplitter.KFoldAsync(Rows(40), 40, cancellationToken: Token), 40)).Order());

    [Fact]
    public async Task StratifiedGroupKFoldAsync_FewUnevenGroups_LeavesNoFoldEmpty()
    {
        // One group has a label of its own and nearly all rows.
        var data = Rows(40, ("g", new Column<int>([.. Enumerable.Range(0, 40).Select(row => row < 3 ? row : 3)])), ("l", new Column<int>([.. Enumerable.Range(0, 40).Select(row => row < 3 ? 0 : 1)])));
        var folds = await SplitRows.FoldsAsync(await DatasetSplitter.StratifiedGroupKFoldAsync(data, 3, null, "l", "g", cancellationToken: Token), 40);
        Assert.Equal(3, folds.Distinct().Count());
    }

    [Theory]
    [InlineData("stratified", "Label")]
    [InlineData("group", "Group")]
    [InlineData("time", "Time")]
    [InlineData("stratified k-fold", "Label")]
    [InlineData("group k-fold", "Group")]
    [InlineData("stratified group k-fold", "Group")]
    [InlineData("time series", "Time")]
    [InlineData("purged", "Time")]
    public async Task AnySplit_NoColumnOfTheRole_NamesTheRole(string way, string role)
        => Assert.Contains($"role {role}", (await Assert.ThrowsAsync<EntityNotFoundException>(() => s_ways[way](Rows(9).Select("id").WithRole("id", ColumnRole.Feature)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task AnySplit_UnknownColumn_NamesIt()
    {
        Assert.Equal("no", (await Assert.ThrowsAsync<EntityNotFoundException>(() => DatasetSplitter.StratifiedAsync(Rows(9), column: "no", cancellationToken: Token))).Name);
        Assert.Equal("no", (await Assert.ThrowsAsync<EntityNotFoundException>(() => DatasetSplitter.GroupKFoldAsync(Rows(9), column: "no", cancellationToken: Token))).Name);
        Assert.Equal("no", Assert.Throws<EntityNotFoundException>(() => DatasetSplitter.ByKey(Rows(9), columns: ["no"])).Name);
        Assert.Contains("role Key", Assert.Throws<EntityNotFoundException>(() => DatasetSplitter.ByKey(Rows(9).Select("label"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DatasetSplitter.ByKey(Rows(9), columns: []));
    }

    [Fact]
    public async Task AnySplit_VectorColumn_NamesIt()
    {
        var data = Rows(9, ("vector", new Column<float>(new float[27], null, 3)));
        await AssertThrowsAsync("'vector' of dataset 'data' have 3 elements", () => DatasetSplitter.StratifiedAsync(data, column: "vector", cancellationToken: Token));
        await AssertThrowsAsync("'vector' of dataset 'data' have 3 elements", () => DatasetSplitter.StratifiedAsync(data, column: "vector", bins: 3, cancellationToken: Token));
        await AssertThrowsAsync("'vector' of dataset 'data' have 3 elements", () => DatasetSplitter.GroupAsync(data, column: "vector", cancellationToken: Token));
        await AssertThrowsAsync("'vector' of dataset 'data' have 3 elements", () => Task.FromResult(DatasetSplitter.ByKey(data, columns: ["id", "vector"])));
        var times = Rows(2).Select("id").Join(InMemoryDataset.FromColumns(
            "t", (new ColumnSchema("id", ElementType.Int32), new Column<int>([0, 1])),
            (new ColumnSchema("times", ElementType.Timestamp, ColumnRole.Time) { Width = 2 }, new Column<DateTime>([s_start, s_start, s_start, s_start], null, 2))), ["id"]);
        await AssertThrowsAsync("Timestamp × 2", () => DatasetSplitter.TimeAsync(times, cancellationToken: Token));
    }

    [Fact]
    public async Task AnySplit_TextTimes_TellToCast()
    {
        var data = Rows(9).Drop("time").Rename(("text", "time")).WithRole("time", ColumnRole.Time);
        foreach (var way in new[] { "time", "time series", "purged" }) await AssertThrowsAsync("data.Cast(\"time\", ElementType.Timestamp)", () => s_ways[way](data));
        Assert.Throws<ArgumentException>(() => DatasetSplitter.ByTime(data, new DateOnly(2024, 1, 5)));
        // As the message says.
        Assert.NotNull(await DatasetSplitter.TimeAsync(data.Cast("time", ElementType.Timestamp), cancellationToken: Token));
    }

    [Fact]
    public async Task GroupSplits_MissingGroupOrNaN_NameTheColumnAndTheFirstRow()
    {
        foreach (var column in new Column[] { new Column<double>([1, 2, double.NaN, 1, 2]), new Column<int>([1, 2, 0, 1, 2], [0b11011]), TextColumn.FromStrings("a", "b", null, "a", "b") })
        {
            var data = Rows(5, ("who", column));
            foreach (var way in (Func<Task>[])[
                () => DatasetSplitter.GroupAsync(data, column: "who", cancellationToken: Token), () => DatasetSplitter.GroupKFoldAsync(data, 2, column: "who", cancellationToken: Token),
                () => DatasetSplitter.StratifiedGroupKFoldAsync(data, 2, groupColumn: "who", cancellationToken: Token)])
            {
                var error = await Assert.ThrowsAsync<DataFormatException>(way);
                Assert.Equal("who", error.Column);
                Assert.Contains("1 of 5 rows have no group, the first is row 2", error.Message, StringComparison.Ordinal);
                Assert.Contains("WhereNotNull(\"who\")", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task ByKey_MissingKeyOrNaN_FailsAtItsRow()
    {
        foreach (var column in new Column[] { new Column<double>([1, 2, double.NaN, 1, 2]), new Column<int>([1, 2, 0, 1, 2], [0b11011]), TextColumn.FromStrings("a", "b", null, "a", "b") })
        {
            var split = DatasetSplitter.ByKey(Rows(5, ("who", column)).Rebatch(2), columns: ["id", "who"]);
            var error = await Assert.ThrowsAsync<DataFormatException>(() => SplitRows.IdsAsync(split.Train));
            Assert.Equal("who", error.Column);
            Assert.Contains("row 2 (from 0) has no key", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AnySplit_ColumnOfNullsOnly_NamesIt()
    {
        var data = Rows(5, ("none", new Column<double>(new double[5], [0UL])), ("nan", new Column<double>([.. Enumerable.Repeat(double.NaN, 5)])), ("never", new Column<DateTime>(new DateTime[5], [0UL])));
        foreach (var column in new[] { "none", "nan" })
        {
            Assert.Equal(column, (await Assert.ThrowsAsync<DataFormatException>(() => DatasetSplitter.StratifiedAsync(data, column: column, cancellationToken: Token))).Column);
            Assert.Equal(column, (await Assert.ThrowsAsync<DataFormatException>(() => DatasetSplitter.StratifiedKFoldAsync(data, 2, column: column, bins: 4, cancellationToken: Token))).Column);
            Assert.Equal(column, (await Assert.ThrowsAsync<DataFormatException>(() => DatasetSplitter.GroupAsync(data, column: column, cancellationToken: Token))).Column);
        }

        var never = data.WithRole("time", ColumnRole.Feature).WithRole("never", ColumnRole.Time);
        foreach (var way in new[] { "time", "time series", "purged" }) Assert.Equal("never", (await Assert.ThrowsAsync<DataFormatException>(() => s_ways[way](never))).Column);
    }

    [Fact]
    public async Task StratifiedSplits_LabelsThatAreNoClasses_TellToUseBins()
    {
        var data = Rows(40, ("amount", new Column<double>([.. Enumerable.Range(0, 40).Select(row => row * 0.7)])));
        await AssertThrowsAsync("bins: 10", () => DatasetSplitter.StratifiedAsync(data, column: "amount", cancellationToken: Token));
        await AssertThrowsAsync("'id' of dataset 'data' occurs in 2 rows", () => DatasetSplitter.StratifiedAsync(data, column: "id", cancellationToken: Token));
        await AssertThrowsAsync("is String and has no quantiles", () => DatasetSplitter.StratifiedAsync(data, column: "label", bins: 3, cancellationToken: Token));
        Assert.Equal("bins", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.StratifiedAsync(data, column: "amount", bins: 1, cancellationToken: Token))).ParamName);
        // As the first message says: of each quarter of the range one fold has as many as another.
        var folds = await SplitRows.FoldsAsync(await DatasetSplitter.StratifiedKFoldAsync(data, 5, column: "amount", bins: 4, cancellationToken: Token), 40);
        Assert.All(folds.Chunk(10), quarter => Assert.All(quarter.CountBy(fold => fold), fold => Assert.Equal(2, fold.Value)));
    }

    [Fact]
    public async Task ByKey_SharesBelowABucket_NameTheOption()
    {
        Assert.Equal("TestRatio", Assert.Throws<ArgumentOutOfRangeException>(() => DatasetSplitter.ByKey(Rows(3), new SplitOptions { TestRatio = 0.00001 })).ParamName);
        Assert.Contains("no bucket", Assert.Throws<ArgumentOutOfRangeException>(() => DatasetSplitter.ByKey(Rows(3), new SplitOptions { TestRatio = 0.99999 })).Message, StringComparison.Ordinal);
        Assert.Equal(3, (await SplitRows.PartsAsync(DatasetSplitter.ByKey(Rows(3)), 3)).Count(part => part >= 0));
    }

    [Fact]
    public async Task TimeSplits_OptionsOutOfRange_NameThem()
    {
        var day = TimeSpan.FromDays(1);
        foreach (var (name, options) in (IEnumerable<(string, TimeSeriesFoldOptions)>)[
            ("Gap", new() { Gap = -day }), ("LabelHorizon", new() { LabelHorizon = -day }), ("TestRows", new() { TestRows = 0 }),
            ("MaxTrainRows", new() { MaxTrainRows = 0 }), ("MaxTrainPeriod", new() { MaxTrainPeriod = TimeSpan.Zero })])
        {
            Assert.Equal(name, (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.TimeSeriesFoldsAsync(Rows(20), 2, options, Token))).ParamName);
        }

        Assert.Equal("labelHorizon", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.PurgedKFoldAsync(Rows(20), 2, -day, cancellationToken: Token))).ParamName);
        Assert.Equal("embargo", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.PurgedKFoldAsync(Rows(20), 2, day, -day, Token))).ParamName);
        Assert.Equal("gap", (await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => DatasetSplitter.TimeAsync(Rows(20), null, -day, Token))).ParamName);
        Assert.Equal("gap", Assert.Throws<ArgumentOutOfRangeException>(() => DatasetSplitter.ByTime(Rows(20), new DateOnly(2024, 1, 5), gap: -day)).ParamName);
        await AssertThrowsAsync("fold 1 of dataset 'data'. Shorten the gap", () => DatasetSplitter.TimeSeriesFoldsAsync(Rows(20), 3, new() { Gap = TimeSpan.MaxValue, LabelHorizon = TimeSpan.MaxValue }, Token));
        await AssertThrowsAsync("fold 1 of dataset 'data'. Shorten the labels' horizon", () => DatasetSplitter.PurgedKFoldAsync(Rows(20), 3, TimeSpan.MaxValue, TimeSpan.MaxValue, Token));
        await AssertThrowsAsync("TestRows lower", () => DatasetSplitter.TimeSeriesFoldsAsync(Rows(20), 3, new() { TestRows = long.MaxValue }, Token));
        await AssertThrowsAsync("leaves nothing of the training rows", () => DatasetSplitter.TimeAsync(Rows(20), null, 100 * day, Token));
        await AssertThrowsAsync("leaves no time to learn from", () => Task.FromResult(DatasetSplitter.ByTime(Rows(20), new DateOnly(2024, 1, 5), new DateOnly(2024, 1, 2), gap: 3 * day)));
        await AssertThrowsAsync("leaves no time to learn from", () => Task.FromResult(DatasetSplitter.ByTime(Rows(20), new DateOnly(2024, 1, 5), gap: TimeSpan.MaxValue)));
    }

    [Fact]
    public async Task TimeSplits_AllRowsAtOneTime_AreRefused()
    {
        var data = Rows(20, ("now", new Column<DateTime>([.. Enumerable.Repeat(s_start, 20)]))).WithRole("time", ColumnRole.Feature).WithRole("now", ColumnRole.Time);
        foreach (var way in new[] { "time", "time series", "purged" }) await AssertThrowsAsync("1 different times", () => s_ways[way](data));
    }

    private static async Task AssertThrowsAsync(string message, Func<Task> split)
        => Assert.Contains(message, (await Assert.ThrowsAnyAsync<ArgumentException>(split)).Message, StringComparison.Ordinal);

    /// <summary>Columns id (a key), group (3 kinds), label (two thirds a), time (a row a day), text (the day as text), and more.</summary>
    private static InMemoryDataset Rows(int rows, params (string Name, Column Values)[] more) => InMemoryDataset.FromColumns("data",
    [
        (new ColumnSchema("id", ElementType.Int32, ColumnRole.Key), new Column<int>([.. Enumerable.Range(0, rows)])),
        (new ColumnSchema("group", ElementType.Int32, ColumnRole.Group), new Column<int>([.. Enumerable.Range(0, rows).Select(row => row % 3)])),
        (new ColumnSchema("label", ElementType.String, ColumnRole.Label), TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(row => row % 9 < 5 ? "a" : "b")])),
        (new ColumnSchema("time", ElementType.Timestamp, ColumnRole.Time), new Column<DateTime>([.. Enumerable.Range(0, rows).Select(row => s_start.AddDays(row))])),
        (new ColumnSchema("text", ElementType.String), TextColumn.FromStrings([.. Enumerable.Range(0, rows).Select(row => $"{s_start.AddDays(row):yyyy-MM-dd}")])),
        .. more.Select(column => (new ColumnSchema(column.Name, column.Values.Type) { Width = column.Values.Width }, column.Values)),
    ]);
}
