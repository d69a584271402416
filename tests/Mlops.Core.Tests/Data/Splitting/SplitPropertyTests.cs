using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>What holds for every split of every dataset.</summary>
public sealed class SplitPropertyTests
{
    private static readonly Gen<int> s_folds = Gen.Choose(2, 12);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void RandomAsync_AnyDataset_PartitionsExactly() => Check(SplitCase.AnyOptions, async (data, options) =>
    {
        if (data.Rows < PartsOf(options)) return;
        var parts = await SplitRows.PartsAsync(await DatasetSplitter.RandomAsync(data.Dataset, options, Token), data.Rows);
        Assert.DoesNotContain(-1, parts);
        AssertShares(parts, options);
    });

    [Fact]
    public void StratifiedAsync_AnyDataset_HasEachLabelsShareWithinOneRow() => Check(SplitCase.AnyOptions, async (data, options) =>
    {
        var strata = data.Labels.CountBy(label => label ?? "").ToDictionary();
        if (data.Rows < PartsOf(options) || strata.Values.Max() < 2 || data.Labels.All(label => label is null)) return;
        var parts = await SplitRows.PartsAsync(await DatasetSplitter.StratifiedAsync(data.Dataset, options, cancellationToken: Token), data.Rows);
        Assert.DoesNotContain(-1, parts);
        AssertShares(parts, options);
        if (IsTiny(data.Rows, options)) return;
        for (var part = 0; part < 3; part++)
        {
            var counts = data.Labels.Index().Where(row => parts[row.Index] == part).CountBy(row => row.Item ?? "").ToDictionary();
            foreach (var (label, count) in strata) Assert.True(IsWithinOne(counts.GetValueOrDefault(label), count * RatioOf(options, part)), $"{label}, part {part}");
        }
    });

    [Fact]
    public void StratifiedAsync_Bins_HasEachQuantilesShare() => Check(SplitCase.AnyOptions, async (data, options) =>
    {
        const int Bins = 4;
        var values = data.Amounts.Where(amount => amount is { } value && !double.IsNaN(value)).Select(amount => amount!.Value).Order().ToArray();
        if (IsTiny(data.Rows, options) || data.Rows < 8 || values.Length == 0) return;
        var parts = await SplitRows.PartsAsync(await DatasetSplitter.StratifiedAsync(data.Dataset, options, "amount", Bins, Token), data.Rows);
        Assert.DoesNotContain(-1, parts);
        AssertShares(parts, options);
        // Missing values are a stratum; and the rows below each value that begins a bin are as many as its bins give, each within one row.
        var missing = data.Amounts.Index().Where(row => row.Item is not { } value || double.IsNaN(value)).Select(row => row.Index).ToArray();
        for (var part = 0; part < 3; part++) Assert.True(IsWithinOne(missing.Count(row => parts[row] == part), missing.Length * RatioOf(options, part)));
        var median = values[values.Length / 2];
        var lower = data.Amounts.Index().Where(row => row.Item < median).Select(row => row.Index).ToArray();
        var spread = values.Count(value => value == median) + 1;
        for (var part = 0; part < 3; part++) Assert.InRange(lower.Count(row => parts[row] == part) - (lower.Length * RatioOf(options, part)), -Bins - spread, Bins + spread);
    });

    [Fact]
    public void GroupAsync_AnyDataset_NoGroupCrosses() => Check(SplitCase.AnyOptions, async (data, options) =>
    {
        var groups = data.Groups.CountBy(group => group).ToDictionary();
        if (groups.Count < PartsOf(options)) return;
        var parts = await SplitRows.PartsAsync(await DatasetSplitter.GroupAsync(data.Dataset, options, cancellationToken: Token), data.Rows);
        Assert.DoesNotContain(-1, parts);
        AssertNoGroupCrosses(data, parts);
        Assert.Equal(PartsOf(options), parts.Distinct().Count());
        for (var part = 0; part < 3; part++) Assert.True(parts.Count(p => p == part) < Math.Max(1, data.Rows * RatioOf(options, part)) + groups.Values.Max() + 1);
    });

    [Fact]
    public void ByKey_AnyDataset_PartitionsAndNeverMovesARow() => Check(SplitCase.AnyOptions, async (data, options) =>
    {
        var parts = await SplitRows.PartsAsync(DatasetSplitter.ByKey(data.Dataset, options), data.Rows);
        Assert.DoesNotContain(-1, parts);
        // Of a third of the rows, and with other rows before them, every row is where it was.
        var some = data.Dataset.Where("id", (long id) => id % 3 == 1);
        var ofSome = await SplitRows.PartsAsync(DatasetSplitter.ByKey(some, options), data.Rows);
        Assert.All(ofSome.Index(), row => Assert.True(row.Item == (row.Index % 3 == 1 ? parts[row.Index] : -1)));
        // A larger test share takes no row away from the test.
        var more = await SplitRows.PartsAsync(DatasetSplitter.ByKey(data.Dataset, options with { TestRatio = options.TestRatio + 0.005 }), data.Rows);
        Assert.All(parts.Index(), row => Assert.True(more[row.Index] == row.Item || (row.Item == 0 && more[row.Index] == 2)));
        AssertNoGroupCrosses(data, await SplitRows.PartsAsync(DatasetSplitter.ByKey(data.Dataset, options, ["group"]), data.Rows));
    });

    [Fact]
    public void KFoldAsync_AnyDataset_HasTheSizesOfScikitLearn() => Check(s_folds.ToArbitrary(), async (data, folds) =>
    {
        if (data.Rows < folds) return;
        foreach (ulong? seed in (ulong?[])[null, (ulong)data.Seed])
        {
            var foldOf = await SplitRows.FoldsAsync(await DatasetSplitter.KFoldAsync(data.Dataset, folds, seed, Token), data.Rows);
            Assert.DoesNotContain(-1, foldOf);
            Assert.Equal(Enumerable.Range(0, folds).Select(fold => (data.Rows / folds) + (fold < data.Rows % folds ? 1 : 0)), Enumerable.Range(0, folds).Select(fold => foldOf.Count(f => f == fold)));
        }
    });

    [Fact]
    public void StratifiedKFoldAsync_AnyDataset_HasEachLabelsShareWithinOneRow() => Check(s_folds.ToArbitrary(), async (data, folds) =>
    {
        var strata = data.Labels.CountBy(label => label ?? "").ToDictionary();
        if (data.Rows == 0 || strata.Values.Max() < folds || data.Labels.All(label => label is null)) return;
        var foldOf = await SplitRows.FoldsAsync(await DatasetSplitter.StratifiedKFoldAsync(data.Dataset, folds, (ulong)data.Seed, cancellationToken: Token), data.Rows);
        Assert.DoesNotContain(-1, foldOf);
        for (var fold = 0; fold < folds; fold++)
        {
            Assert.True(IsWithinOne(foldOf.Count(f => f == fold), (double)data.Rows / folds));
            var counts = data.Labels.Index().Where(row => foldOf[row.Index] == fold).CountBy(row => row.Item ?? "").ToDictionary();
            foreach (var (label, count) in strata) Assert.True(IsWithinOne(counts.GetValueOrDefault(label), (double)count / folds));
        }
    });

    [Fact]
    public void GroupKFoldAsync_AnyDataset_NoGroupCrossesAndFoldsAreBalanced() => Check(s_folds.ToArbitrary(), async (data, folds) =>
    {
        var groups = data.Groups.CountBy(group => group).ToDictionary();
        if (groups.Count < folds) return;
        var foldOf = await SplitRows.FoldsAsync(await DatasetSplitter.GroupKFoldAsync(data.Dataset, folds, (ulong)data.Seed, cancellationToken: Token), data.Rows);
        Assert.DoesNotContain(-1, foldOf);
        AssertNoGroupCrosses(data, foldOf);
        var sizes = Enumerable.Range(0, folds).Select(fold => foldOf.Count(f => f == fold)).ToArray();
        // A fold got its last group when it was the smallest.
        Assert.InRange(sizes.Max() - sizes.Min(), 0, groups.Values.Max());
        Assert.True(sizes.Min() > 0);
    });

    [Fact]
    public void StratifiedGroupKFoldAsync_AnyDataset_NoGroupCrossesAndNoFoldIsEmpty() => Check(Gen.Choose(2, 8).ToArbitrary(), async (data, folds) =>
    {
        var strata = data.Labels.CountBy(label => label ?? "").ToDictionary();
        if (data.Groups.Distinct().Count() < folds || strata.Values.Max() < folds || data.Labels.All(label => label is null)) return;
        var result = await DatasetSplitter.StratifiedGroupKFoldAsync(data.Dataset, folds, (ulong)data.Seed, cancellationToken: Token);
        var foldOf = await SplitRows.FoldsAsync(result, data.Rows);
        Assert.DoesNotContain(-1, foldOf);
        Assert.Equal(folds, foldOf.Distinct().Count());
        AssertNoGroupCrosses(data, foldOf);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void AnySplit_AnyBatchSizeOfSourceAndReader_IsTheSame(int batchRows) => Check(SplitCase.AnyOptions, async (data, options) =>
    {
        if (data.Rows < 3) return;
        var rebatched = (IDataset)data.Dataset.Rebatch(batchRows);
        foreach (var (name, split) in Splits(options))
        {
            var expected = await OutcomeAsync(() => split(data.Dataset), data.Rows, null);
            var actual = await OutcomeAsync(() => split(rebatched), data.Rows, batchRows);
            Assert.True(expected.SequenceEqual(actual), name);
        }
    }, runs: 25);

    [Fact]
    public void AnySplit_OfCsvFile_IsThatOfTheRowsInMemory()
    {
        using var directory = new TestDirectory();
        Check(SplitCase.AnyOptions, async (data, options) =>
        {
            if (data.Rows < 3) return;
            var path = Path.Combine(directory.Path, "rows.csv");
            await data.Dataset.WriteCsvAsync(path, cancellationToken: Token);
            var csv = new CsvDataset(path, data.Dataset.Schema);
            foreach (var (name, split) in Splits(options))
                Assert.True((await OutcomeAsync(() => split(data.Dataset), data.Rows, null)).SequenceEqual(await OutcomeAsync(() => split(csv), data.Rows, 100)), name);
        }, runs: 25);
    }

    private static IEnumerable<(string Name, Func<IDataset, Task<object>> Split)> Splits(SplitOptions options)
    {
        var folds = 2 + (int)(options.Seed % 4);
        yield return ("random", async data => await DatasetSplitter.RandomAsync(data, options, Token));
        yield return ("stratified", async data => await DatasetSplitter.StratifiedAsync(data, options, cancellationToken: Token));
        yield return ("bins", async data => await DatasetSplitter.StratifiedAsync(data, options, "amount", 5, Token));
        yield return ("group", async data => await DatasetSplitter.GroupAsync(data, options, cancellationToken: Token));
        yield return ("key", data => Task.FromResult<object>(DatasetSplitter.ByKey(data, options)));
        yield return ("keys", data => Task.FromResult<object>(DatasetSplitter.ByKey(data, options, ["id", "group"])));
        yield return ("time", async data => await DatasetSplitter.TimeAsync(data, options, TimeSpan.FromMinutes(10), Token));
        yield return ("k-fold", async data => await DatasetSplitter.KFoldAsync(data, folds, options.Seed, Token));
        yield return ("stratified k-fold", async data => await DatasetSplitter.StratifiedKFoldAsync(data, folds, options.Seed, cancellationToken: Token));
        yield return ("group k-fold", async data => await DatasetSplitter.GroupKFoldAsync(data, folds, options.Seed, cancellationToken: Token));
        yield return ("stratified group k-fold", async data => await DatasetSplitter.StratifiedGroupKFoldAsync(data, folds, options.Seed, cancellationToken: Token));
        yield return ("time series", async data => await DatasetSplitter.TimeSeriesFoldsAsync(data, folds, new TimeSeriesFoldOptions { MaxTrainRows = 50 }, Token));
        yield return ("purged", async data => await DatasetSplitter.PurgedKFoldAsync(data, folds, TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(5), Token));
    }

    /// <summary>Each row's part, or the message of the error, so that errors must agree too.</summary>
    private static async Task<IEnumerable<object>> OutcomeAsync(Func<Task<object>> split, int rows, int? batchRows)
    {
        try
        {
            return await split() switch
            {
                DatasetSplit parts => (await SplitRows.PartsAsync(parts, rows, batchRows)).Cast<object>().ToArray(),
                IReadOnlyList<DatasetFold> folds => (await SplitRows.FoldsAsync(folds, rows, batchRows, isTrainTheRest: false)).Cast<object>().ToArray(),
                var other => throw new InvalidOperationException($"{other}"),
            };
        }
        catch (Exception error) when (error is ArgumentException or DataFormatException)
        {
            return [error.Message.Replace("rows.csv", "case", StringComparison.Ordinal)];
        }
    }

    private static void Check<T>(Arbitrary<T> second, Func<SplitCase, T, Task> property, int runs = 100)
        => Prop.ForAll(SplitCase.Any, second, (data, other) => property(data, other).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(runs));

    private static void AssertNoGroupCrosses(SplitCase data, int[] parts)
        => Assert.All(data.Groups.Index().GroupBy(row => row.Item), group => Assert.Single(group.Select(row => parts[row.Index]).Distinct()));

    private static void AssertShares(int[] parts, SplitOptions options)
    {
        for (var part = 0; part < 3; part++)
        {
            var (count, ideal) = (parts.Count(p => p == part), parts.Length * RatioOf(options, part));
            if (RatioOf(options, part) == 0) Assert.Equal(0, count);
            else if (IsTiny(parts.Length, options)) Assert.InRange(count, 1, Math.Max(1, Math.Ceiling(ideal)));
            else Assert.True(IsWithinOne(count, ideal), $"{count} for {ideal}");
        }
    }

    // So few rows that a part gets the one row that none may lack.
    private static bool IsTiny(int rows, SplitOptions options) => Enumerable.Range(0, 3).Any(part => RatioOf(options, part) > 0 && rows * RatioOf(options, part) < 1);

    private static bool IsWithinOne(double count, double ideal) => Math.Abs(count - ideal) < 1 + 1e-9;

    private static int PartsOf(SplitOptions options) => options.ValidationRatio > 0 ? 3 : 2;

    private static double RatioOf(SplitOptions options, int part) => part switch { 0 => 1 - options.TestRatio - options.ValidationRatio, 1 => options.ValidationRatio, _ => options.TestRatio };
}
