using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>Reads which rows, by the column id, are in which part of a split.</summary>
internal static class SplitRows
{
    /// <summary>Reads the ids of a part, and checks its schema and its order.</summary>
    public static async Task<int[]> IdsAsync(IDataset part, int? batchRows = null)
    {
        var ids = new List<int>();
        await foreach (var batch in part.ReadAsync(new ReadOptions { Columns = ["id"], BatchRows = batchRows ?? ReadOptions.DefaultBatchRows }, TestContext.Current.CancellationToken))
            ids.AddRange(ColumnNumbers.ToDoubles(batch[0]).Select(id => (int)id));
        Assert.True(ids.Zip(ids.Skip(1)).All(pair => pair.First < pair.Second), "A part keeps the order of the rows, and has each once.");
        return [.. ids];
    }

    /// <summary>Tells each row's part: 0 train, 1 validation, 2 test, -1 none. No row may be in two.</summary>
    public static async Task<int[]> PartsAsync(DatasetSplit split, int rows, int? batchRows = null)
    {
        var parts = new int[rows];
        Array.Fill(parts, -1);
        IDataset?[] all = [split.Train, split.Validation, split.Test];
        for (var part = 0; part < all.Length; part++)
        {
            if (all[part] is not { } dataset) continue;
            foreach (var id in await IdsAsync(dataset, batchRows))
            {
                Assert.Equal(-1, parts[id]);
                parts[id] = part;
            }
        }

        return parts;
    }

    /// <summary>Tells each row's fold, from 0: the one that it judges; -1 none. Train and test of a fold must be all rows that have one.</summary>
    public static async Task<int[]> FoldsAsync(IReadOnlyList<DatasetFold> folds, int rows, int? batchRows = null, bool isTrainTheRest = true)
    {
        var foldOf = new int[rows];
        Array.Fill(foldOf, -1);
        Assert.Equal(Enumerable.Range(1, folds.Count), folds.Select(fold => fold.Number));
        foreach (var fold in folds)
        {
            foreach (var id in await IdsAsync(fold.Test, batchRows))
            {
                Assert.Equal(-1, foldOf[id]);
                foldOf[id] = fold.Number - 1;
            }
        }

        foreach (var fold in isTrainTheRest ? folds : [])
            Assert.Equal(Enumerable.Range(0, rows).Where(row => foldOf[row] != fold.Number - 1), await IdsAsync(fold.Train, batchRows));
        return foldOf;
    }
}
