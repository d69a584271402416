using Mlops.Data;

namespace Mlops.Validation;

/// <summary>What a domain classifier found.</summary>
/// <param name="Auc">The area under its ROC curve, 0.5 where the datasets cannot be told apart: the mean over the folds, each judged by rows that were not learned from.</param>
/// <param name="Gains">How much each column helped, as shares of 1; all 0 where nothing did.</param>
internal sealed record DomainSeparation(double Auc, double[] Gains);

/// <summary>A model that tells rows of the training set from rows of the test set: gradient-boosted decision trees on binned columns, judged out of fold.</summary>
/// <remarks>
/// 40 trees of depth 3 with a step of 0.2 on the logistic loss, second order, with a penalty of 1; numbers are split in their order, categories in that of their mean gradient. 5 folds,
/// each with its share of both datasets. Sources: J. Friedman, "Greedy function approximation", Annals of Statistics 29(5), 2001; T. Chen, C. Guestrin, "XGBoost", KDD 2016.
/// </remarks>
internal sealed class DomainClassifier
{
    private const int Folds = 5;
    private const int Trees = 40;
    private const int Depth = 3;
    private const double Step = 0.2;
    private const double Penalty = 1;

    private readonly BinnedColumns _columns;
    private readonly bool[] _isTest;
    private readonly double[] _scores;
    private readonly double[] _gains;
    private readonly double[] _gradients;
    private readonly double[] _curvatures;
    private readonly int[] _nodes;

    private DomainClassifier(BinnedColumns columns, bool[] isTest)
    {
        (_columns, _isTest) = (columns, isTest);
        (_scores, _gradients, _curvatures, _nodes) = (new double[isTest.Length], new double[isTest.Length], new double[isTest.Length], new int[isTest.Length]);
        _gains = new double[columns.Columns.Count];
    }

    /// <summary>Measures how well rows can be told apart.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="isTest">Which rows are of the test set, shape (rows).</param>
    /// <param name="seed">The seed by which rows are dealt to folds.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    public static DomainSeparation Measure(BinnedColumns columns, bool[] isTest, ulong seed, CancellationToken cancellationToken)
    {
        var (classifier, folds, sum) = (new DomainClassifier(columns, isTest), Deal(isTest, seed), 0.0);
        for (var fold = 0; fold < Folds; fold++)
        {
            int[] learned = [.. Enumerable.Range(0, isTest.Length).Where(row => folds[row] != fold)];
            int[] judged = [.. Enumerable.Range(0, isTest.Length).Where(row => folds[row] == fold)];
            classifier.Learn(learned, cancellationToken);
            sum += ComputeAuc([.. judged.Select(row => (classifier._scores[row], isTest[row]))]);
        }

        var total = classifier._gains.Sum();
        return new DomainSeparation(sum / Folds, total == 0 ? classifier._gains : [.. classifier._gains.Select(gain => gain / total)]);
    }

    /// <summary>Computes the share of pairs of one row of each dataset in which the test row has the higher score; equal scores count half.</summary>
    internal static double ComputeAuc((double Score, bool IsTest)[] rows)
    {
        Array.Sort(rows, (a, b) => a.Score.CompareTo(b.Score));
        var (below, pairs, tests) = (0L, 0.0, 0L);
        for (int start = 0, end; start < rows.Length; start = end)
        {
            var (test, train) = (0L, 0L);
            for (end = start; end < rows.Length && rows[end].Score == rows[start].Score; end++)
            {
                if (rows[end].IsTest) test++;
                else train++;
            }

            pairs += test * (below + (train / 2.0));
            (below, tests) = (below + train, tests + test);
        }

        return pairs / ((double)below * tests);
    }

    private static int[] Deal(bool[] isTest, ulong seed)
    {
        var (order, random, next) = (Enumerable.Range(0, isTest.Length).ToArray(), new SplitMix64(seed), new int[2]);
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = (int)random.Next((ulong)i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        var folds = new int[isTest.Length];
        foreach (var row in order) folds[row] = next[isTest[row] ? 1 : 0]++ % Folds;
        return folds;
    }

    /// <summary>Fits trees to some rows, and gives every row its score.</summary>
    private void Learn(int[] rows, CancellationToken cancellationToken)
    {
        double tests = rows.Count(row => _isTest[row]);
        Array.Fill(_scores, Math.Log(tests / (rows.Length - tests)));
        var fewest = Math.Clamp(rows.Length / 50, 5, 20);
        for (var tree = 0; tree < Trees; tree++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var row in rows)
            {
                var share = 1 / (1 + Math.Exp(-_scores[row]));
                (_gradients[row], _curvatures[row]) = (share - (_isTest[row] ? 1 : 0), share * (1 - share));
            }

            Array.Clear(_nodes);
            for (var depth = 0; depth < Depth; depth++) Split(rows, 1 << depth, fewest);
            var sums = new (double Gradient, double Curvature)[1 << Depth];
            foreach (var row in rows) sums[_nodes[row]] = (sums[_nodes[row]].Gradient + _gradients[row], sums[_nodes[row]].Curvature + _curvatures[row]);
            for (var row = 0; row < _scores.Length; row++) _scores[row] -= Step * sums[_nodes[row]].Gradient / (sums[_nodes[row]].Curvature + Penalty);
        }
    }

    /// <summary>Splits each node of a level by its best column, in two for the next level; rows of one without a good split all go left.</summary>
    private void Split(int[] rows, int nodes, int fewest)
    {
        var best = new (double Gain, int Column, ulong Left)[nodes];
        for (var column = 0; column < _columns.Columns.Count; column++)
        {
            var (_, isCategory, bins) = _columns.Columns[column];
            var cells = new Cell[nodes * BinnedColumns.MostBins];
            foreach (var row in rows)
            {
                ref var cell = ref cells[(_nodes[row] * BinnedColumns.MostBins) + bins[row]];
                cell.Gradient += _gradients[row];
                cell.Curvature += _curvatures[row];
                cell.Rows++;
            }

            for (var node = 0; node < nodes; node++)
            {
                var (gain, left) = FindSplit(cells.AsSpan(node * BinnedColumns.MostBins, BinnedColumns.MostBins), isCategory, fewest);
                if (gain > best[node].Gain) best[node] = (gain, column, left);
            }
        }

        for (var node = 0; node < nodes; node++) _gains[best[node].Column] += best[node].Gain;
        for (var row = 0; row < _nodes.Length; row++)
        {
            var (gain, column, left) = best[_nodes[row]];
            var isRight = gain > 0 && (left >> _columns.Columns[column].Bins[row] & 1) == 0;
            _nodes[row] = (2 * _nodes[row]) + (isRight ? 1 : 0);
        }
    }

    private static (double Gain, ulong Left) FindSplit(Span<Cell> cells, bool isCategory, int fewest)
    {
        Span<int> order = stackalloc int[BinnedColumns.MostBins];
        Span<double> keys = stackalloc double[BinnedColumns.MostBins];
        var (count, gradient, curvature, rows) = (0, 0.0, 0.0, 0);
        for (var bin = 0; bin < cells.Length; bin++)
        {
            if (cells[bin].Rows == 0) continue;
            (order[count], keys[count++]) = (bin, isCategory ? cells[bin].Gradient / (cells[bin].Curvature + Penalty) : bin);
            (gradient, curvature, rows) = (gradient + cells[bin].Gradient, curvature + cells[bin].Curvature, rows + cells[bin].Rows);
        }

        if (isCategory) keys[..count].Sort(order[..count]);
        var (whole, leftGradient, leftCurvature, leftRows, left) = (gradient * gradient / (curvature + Penalty), 0.0, 0.0, 0, 0UL);
        var best = (Gain: 0.0, Left: 0UL);
        for (var i = 0; i < count - 1; i++)
        {
            var cell = cells[order[i]];
            (leftGradient, leftCurvature, leftRows, left) = (leftGradient + cell.Gradient, leftCurvature + cell.Curvature, leftRows + cell.Rows, left | 1UL << order[i]);
            if (leftRows < fewest || rows - leftRows < fewest) continue;
            var right = gradient - leftGradient;
            var gain = (leftGradient * leftGradient / (leftCurvature + Penalty)) + (right * right / (curvature - leftCurvature + Penalty)) - whole;
            // Differences in the last bits are no reason for a split.
            if (gain > best.Gain && gain > 1e-9) best = (gain, left);
        }

        return best;
    }

    private struct Cell
    {
        public double Gradient;
        public double Curvature;
        public int Rows;
    }
}
