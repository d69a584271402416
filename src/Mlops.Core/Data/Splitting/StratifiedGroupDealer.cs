using System.Runtime.InteropServices;

namespace Mlops.Data;

/// <summary>Puts whole groups into folds such that the folds' shares of each stratum are as equal as they can be found to be.</summary>
/// <remarks>
/// <para>
/// The most uneven groups come first – by the standard deviation of their rows over the strata – and each goes to the fold that leaves the smallest standard deviation over folds of
/// the share of a stratum, averaged over strata; where folds are as good, to the one with the fewest rows, the first of those. As scikit-learn's StratifiedGroupKFold, after the
/// Kaggle notebook of J. Wasikowski, 2019; but there rounding decides between folds that are as good, so that the folds are as even but not always the same.
/// </para>
/// <para>
/// Deviations follow from sums of counts and of squares, which are exact integers, and only those of a group's own strata change: time O(folds × different pairs of group and stratum).
/// </para>
/// </remarks>
internal sealed class StratifiedGroupDealer
{
    // Sums of roots that are equal differ by rounding.
    private const double Tolerance = 1e-12;
    private readonly IReadOnlyList<long> _strata;
    private readonly int _folds;
    // The strata of all groups with their rows, one group after another, and where each group's begin.
    private readonly (int Stratum, long Rows)[] _pairs;
    private readonly int[] _starts;
    private readonly long[][] _rows;
    private readonly long[] _foldRows;
    private readonly Int128[] _squares;
    private readonly long[] _sums;

    private StratifiedGroupDealer(RowCoder groups, RowCoder strata, int folds)
    {
        (_strata, _folds) = (strata.Counts, folds);
        (_pairs, _starts) = CountPairs(groups, strata);
        _rows = [.. Enumerable.Range(0, folds).Select(_ => new long[_strata.Count])];
        _foldRows = new long[folds];
        _squares = new Int128[_strata.Count];
        _sums = new long[_strata.Count];
    }

    /// <summary>Deals the groups.</summary>
    /// <returns>The fold of each group.</returns>
    public static int[] Deal(RowCoder groups, RowCoder strata, int folds, ulong? seed) => new StratifiedGroupDealer(groups, strata, folds).Deal(seed);

    private int[] Deal(ulong? seed)
    {
        var foldOf = new int[_starts.Length - 1];
        var total = 0.0;
        foreach (var group in Order(seed))
        {
            var (fold, change) = FindBest(PairsOf(group), total);
            foldOf[group] = fold;
            total += change;
            foreach (var (stratum, rows) in PairsOf(group))
            {
                _squares[stratum] += ((Int128)rows * rows) + (2 * (Int128)rows * _rows[fold][stratum]);
                _sums[stratum] += rows;
                _rows[fold][stratum] += rows;
                _foldRows[fold] += rows;
            }
        }

        return foldOf;
    }

    private (int Fold, double Change) FindBest(ReadOnlySpan<(int Stratum, long Rows)> pairs, double total)
    {
        var (best, bestTotal) = (-1, double.PositiveInfinity);
        // What the other strata add is the same for every fold.
        var others = total;
        foreach (var (stratum, _) in pairs) others -= Deviation(0, stratum, 0);
        for (var fold = 0; fold < _folds; fold++)
        {
            var candidate = others;
            foreach (var (stratum, rows) in pairs) candidate += Deviation(fold, stratum, rows);
            if (best >= 0)
            {
                var isAsGood = Math.Abs(candidate - bestTotal) <= Tolerance * (1 + Math.Abs(bestTotal));
                if (isAsGood ? _foldRows[fold] >= _foldRows[best] : candidate > bestTotal) continue;
            }

            (best, bestTotal) = (fold, candidate);
        }

        return (best, bestTotal - total);
    }

    // The standard deviation over folds of the share of a stratum, when so many of its rows more are put into a fold.
    private double Deviation(int fold, int stratum, long rows)
    {
        var sum = (Int128)_sums[stratum] + rows;
        var squares = _squares[stratum] + ((Int128)rows * rows) + (2 * (Int128)rows * _rows[fold][stratum]);
        return Math.Sqrt((double)((_folds * squares) - (sum * sum))) / ((double)_folds * _strata[stratum]);
    }

    private int[] Order(ulong? seed)
    {
        var shuffled = GroupDealer.Shuffle(_starts.Length - 1, seed);
        var order = new int[shuffled.Length];
        var unevenness = new Int128[shuffled.Length];
        for (var i = 0; i < order.Length; i++)
        {
            (Int128 sum, Int128 squares) = (0, 0);
            foreach (var (_, rows) in PairsOf(shuffled[i])) (sum, squares) = (sum + rows, squares + ((Int128)rows * rows));
            (order[i], unevenness[i]) = (i, (sum * sum) - (_strata.Count * squares));
        }

        StableSort.Sort<Int128>(unevenness, order);
        return Array.ConvertAll(order, place => shuffled[place]);
    }

    private ReadOnlySpan<(int Stratum, long Rows)> PairsOf(int group) => _pairs.AsSpan(_starts[group].._starts[group + 1]);

    private static ((int Stratum, long Rows)[] Pairs, int[] Starts) CountPairs(RowCoder groups, RowCoder strata)
    {
        var counts = new Dictionary<(int Group, int Stratum), long>();
        var (groupCodes, stratumCodes) = (new int[ReadOptions.DefaultBatchRows], new int[ReadOptions.DefaultBatchRows]);
        for (long start = 0; start < groups.Codes.Count; start += groupCodes.Length)
        {
            var rows = (int)Math.Min(groupCodes.Length, groups.Codes.Count - start);
            groups.Codes.CopyTo(start, groupCodes.AsSpan(0, rows));
            strata.Codes.CopyTo(start, stratumCodes.AsSpan(0, rows));
            for (var row = 0; row < rows; row++) CollectionsMarshal.GetValueRefOrAddDefault(counts, (groupCodes[row], stratumCodes[row]), out _)++;
        }

        // Sorted: the order of a dictionary must not matter.
        var sorted = counts.Select(pair => (pair.Key.Group, pair.Key.Stratum, Rows: pair.Value)).ToArray();
        Array.Sort(sorted);
        var starts = new int[groups.Counts.Count + 1];
        foreach (var (group, _, _) in sorted) starts[group + 1]++;
        for (var group = 0; group < groups.Counts.Count; group++) starts[group + 1] += starts[group];
        return ([.. sorted.Select(pair => (pair.Stratum, pair.Rows))], starts);
    }
}
