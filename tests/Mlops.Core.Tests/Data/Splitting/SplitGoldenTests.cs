using System.Text.Json;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>Splits equal those of scikit-learn, and those of another implementation of the seeded rules: another platform or a later version must not move a row.</summary>
public sealed class SplitGoldenTests
{
    private static readonly DateTime s_start = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly JsonElement s_golden = JsonDocument.Parse(File.ReadAllBytes(TestFiles.PathOf("tests", "TestData", "splits", "splits_golden.json"))).RootElement;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task KFoldAsync_WithoutSeed_EqualsScikitLearn()
    {
        foreach (var item in Cases("k_fold"))
            await AssertTestsAsync(item, folds => DatasetSplitter.KFoldAsync(Rows(item.GetProperty("rows").GetInt32()), folds, null, Token));
    }

    [Fact]
    public async Task StratifiedKFoldAsync_WithoutSeed_EqualsScikitLearn()
    {
        foreach (var item in Cases("stratified"))
        {
            var labels = Numbers(item, "labels");
            await AssertTestsAsync(item, folds => DatasetSplitter.StratifiedKFoldAsync(Rows(labels.Length, ("label", labels)), folds, null, "label", cancellationToken: Token));
            // The values of the labels do not matter, nor does their type.
            var texts = InMemoryDataset.FromColumns("texts", IdsOf(labels.Length), (new ColumnSchema("label", ElementType.String, ColumnRole.Label), TextColumn.FromStrings([.. labels.Select(label => $"L{9 - label}")])));
            await AssertTestsAsync(item, folds => DatasetSplitter.StratifiedKFoldAsync(texts, folds, null, cancellationToken: Token));
        }
    }

    [Fact]
    public async Task GroupKFoldAsync_WithoutSeed_EqualsScikitLearn()
    {
        foreach (var item in Cases("group"))
        {
            var groups = Numbers(item, "groups");
            await AssertTestsAsync(item, folds => DatasetSplitter.GroupKFoldAsync(Rows(groups.Length, ("group", groups)), folds, null, "group", Token));
        }
    }

    [Fact]
    public async Task StratifiedGroupKFoldAsync_WithoutSeed_IsAsEvenAsScikitLearn()
    {
        foreach (var item in Cases("stratified_group"))
        {
            var (groups, labels, count) = (Numbers(item, "groups"), Numbers(item, "labels"), item.GetProperty("folds").GetInt32());
            var folds = await DatasetSplitter.StratifiedGroupKFoldAsync(Rows(groups.Length, ("group", groups), ("label", labels)), count, null, "label", "group", cancellationToken: Token);
            var ours = await SplitRows.FoldsAsync(folds, groups.Length);
            Assert.Equal(Numbers(item, "seedless"), ours);
            var theirs = new int[groups.Length];
            foreach (var (fold, test) in item.GetProperty("tests").EnumerateArray().Index())
            {
                foreach (var row in test.EnumerateArray()) theirs[row.GetInt32()] = fold;
            }

            Assert.InRange(Unevenness(ours, labels, count), 0, 1.05 * Unevenness(theirs, labels, count));
        }

        // The standard deviation over folds of their shares of a label, averaged over labels.
        static double Unevenness(int[] foldOf, int[] labels, int folds) => labels.Distinct().Average(label =>
        {
            var shares = Enumerable.Range(0, folds).Select(fold => (double)labels.Index().Count(row => row.Item == label && foldOf[row.Index] == fold) / labels.Count(other => other == label)).ToArray();
            return Math.Sqrt(shares.Average(share => Math.Pow(share - (1.0 / folds), 2)));
        });
    }

    [Fact]
    public async Task TimeSeriesFoldsAsync_OneRowEachDay_EqualsScikitLearn()
    {
        foreach (var item in Cases("time_series"))
        {
            // Latest first: the times tell, not the positions.
            var rows = item.GetProperty("rows").GetInt32();
            var days = InMemoryDataset.FromColumns(
                "days", IdsOf(rows), (new ColumnSchema("day", ElementType.Date, ColumnRole.Time), new Column<DateOnly>([.. Enumerable.Range(0, rows).Select(row => DateOnly.FromDateTime(s_start).AddDays(rows - 1 - row))])));
            var options = new TimeSeriesFoldOptions
            {
                Gap = TimeSpan.FromDays(item.GetProperty("gap").GetInt32()),
                TestRows = item.GetProperty("test_rows") is { ValueKind: JsonValueKind.Number } test ? test.GetInt64() : null,
                MaxTrainRows = item.GetProperty("max_train_rows") is { ValueKind: JsonValueKind.Number } most ? most.GetInt64() : null,
            };
            var folds = await DatasetSplitter.TimeSeriesFoldsAsync(days, item.GetProperty("count").GetInt32(), options, Token);
            var expected = item.GetProperty("folds").EnumerateArray().ToArray();
            Assert.Equal(expected.Length, folds.Count);
            foreach (var (fold, golden) in folds.Zip(expected))
            {
                Assert.Equal(Numbers(golden, "train"), (await SplitRows.IdsAsync(fold.Train)).Select(id => rows - 1 - id).Order());
                Assert.Equal(Numbers(golden, "test"), (await SplitRows.IdsAsync(fold.Test)).Select(id => rows - 1 - id).Order());
            }
        }
    }

    [Fact]
    public async Task RandomAsync_Seed42_DrawsTheSameRowsOnEveryPlatform()
    {
        var parts = await SplitRows.PartsAsync(await DatasetSplitter.RandomAsync(Rows(40), new SplitOptions { ValidationRatio = 0.1, Seed = 42 }, Token), 40);
        Assert.Equal(Numbers(Seeded, "random"), parts);
        Assert.Equal((int[])[0, 2, 3, 11, 25, 26, 34, 37], parts.Index().Where(row => row.Item == 2).Select(row => row.Index));
    }

    [Fact]
    public async Task KFoldAsync_LargestSeed_DrawsTheSameRowsOnEveryPlatform()
        => Assert.Equal(Numbers(Seeded, "k-fold"), await SplitRows.FoldsAsync(await DatasetSplitter.KFoldAsync(Rows(23), 5, ulong.MaxValue, Token), 23));

    [Fact]
    public async Task StratifiedAsync_Seed7_DrawsTheSameRowsOnEveryPlatform()
    {
        var data = Rows(30, ("label", [.. Enumerable.Range(0, 30).Select(row => row % 3 == 0 ? 5 : 3)]));
        Assert.Equal(Numbers(Seeded, "stratified"), await SplitRows.PartsAsync(await DatasetSplitter.StratifiedAsync(data, new SplitOptions { TestRatio = 0.25, Seed = 7 }, "label", cancellationToken: Token), 30));
    }

    [Fact]
    public async Task GroupSplits_Pinned_DrawTheSameGroupsOnEveryPlatform()
    {
        int[] groups = [.. Enumerable.Range(0, 36).Select(row => row * row % 13)];
        var data = Rows(36, ("group", groups), ("label", [.. Enumerable.Range(0, 36).Select(row => row % 2)]));
        var split = await SplitRows.PartsAsync(await DatasetSplitter.GroupAsync(data, new SplitOptions { ValidationRatio = 0.2, Seed = 3 }, "group", Token), 36);
        var folds = await SplitRows.FoldsAsync(await DatasetSplitter.GroupKFoldAsync(data, 3, 3, "group", Token), 36);
        var stratified = await SplitRows.FoldsAsync(await DatasetSplitter.StratifiedGroupKFoldAsync(data, 3, 3, "label", "group", cancellationToken: Token), 36);
        Assert.Equal(Numbers(Seeded, "group"), split);
        Assert.Equal(Numbers(Seeded, "group k-fold"), folds);
        Assert.Equal("010201221020101020122102010102012210", string.Concat(stratified));
    }

    [Theory]
    [InlineData("key text", 5)]
    [InlineData("key number", 0)]
    [InlineData("key two columns", 9)]
    public void ByKey_AnyPlatform_GivesTheSameBuckets(string name, ulong salt)
    {
        var columns = name switch
        {
            "key text" => [TextColumn.FromStrings([.. Enumerable.Range(0, 20).Select(row => $"customer {row}")])],
            "key number" => [new Column<long>([.. Enumerable.Range(0, 20).Select(row => (row * 1000003L) - 5)])],
            _ => (Column[])[new Column<short>([.. Enumerable.Range(0, 20).Select(row => (short)row)]), TextColumn.FromStrings([.. Enumerable.Repeat("Zürich and a longer text", 20)])],
        };
        ColumnSchema[] schema = [.. columns.Select((column, i) => new ColumnSchema($"k{i}", column.Type, ColumnRole.Key))];
        var buckets = new int[20];
        new KeyBuckets("keys", schema, salt).Read(new DataBatch(new DataSchema(schema), columns), buckets);
        Assert.Equal(Numbers(Seeded, name), buckets);
    }

    private static JsonElement Seeded => s_golden.GetProperty("seeded");

    private static IEnumerable<JsonElement> Cases(string name) => s_golden.GetProperty("scikit_learn").GetProperty(name).EnumerateArray();

    private static int[] Numbers(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];

    private static async Task AssertTestsAsync(JsonElement item, Func<int, Task<IReadOnlyList<DatasetFold>>> split)
    {
        var expected = item.GetProperty("tests").EnumerateArray().Select(test => test.EnumerateArray().Select(row => row.GetInt32()).ToArray()).ToArray();
        var folds = await split(item.GetProperty("folds").GetInt32());
        Assert.Equal(expected.Length, folds.Count);
        foreach (var (fold, test) in folds.Zip(expected)) Assert.Equal(test, await SplitRows.IdsAsync(fold.Test));
    }

    private static (ColumnSchema Schema, Column Values) IdsOf(int rows) => (new ColumnSchema("id", ElementType.Int32), new Column<int>([.. Enumerable.Range(0, rows)]));

    private static InMemoryDataset Rows(int rows, params (string Name, int[] Values)[] columns)
        => InMemoryDataset.FromColumns("rows", [IdsOf(rows), .. columns.Select(column => (new ColumnSchema(column.Name, ElementType.Int32), (Column)new Column<int>(column.Values)))]);
}
