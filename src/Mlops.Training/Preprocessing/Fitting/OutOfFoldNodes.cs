using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>The nodes of a preprocessing as the training rows of each fold see it: target encodings are those of the other folds.</summary>
internal sealed class OutOfFoldNodes(ulong seed, GraphNode[][] folds)
{
    public int Count => folds.Length;

    public IReadOnlyList<GraphNode> NodesOf(int fold) => folds[fold];

    /// <summary>The fold of a row, by its position in the dataset.</summary>
    public int FoldOf(long row) => FoldOf(seed, folds.Length, row);

    /// <summary>The fold of a row, by its position in the dataset.</summary>
    public static int FoldOf(ulong seed, int folds, long row) => (int)(SplitMix64.At(seed, (ulong)row) % (ulong)folds);
}
