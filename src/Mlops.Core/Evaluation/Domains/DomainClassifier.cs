using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>A model that tells the rows of two datasets apart: gradient-boosted decision trees on binned columns, judged out of fold.</summary>
/// <remarks>
/// 40 trees of depth 3 with a step of 0.2 on the logistic loss, second order, with a penalty of 1; numbers are split in their order, categories in that of their mean gradient. 5 folds,
/// each with its share of both datasets. Time O(folds · trees · depth · rows · columns). Not thread-safe; the same rows and seed give the same figures.
/// Sources: J. Friedman, "Greedy function approximation", Annals of Statistics 29(5), 2001; T. Chen, C. Guestrin, "XGBoost", KDD 2016.
/// </remarks>
/// <example><code>var separation = DomainClassifier.Measure(columns, isSecond, seed: 1); // separation.Auc</code></example>
public sealed class DomainClassifier
{
    /// <summary>The number of folds of <see cref="Measure"/>.</summary>
    public const int Folds = 5;

    private const int Trees = 40;
    private const int Depth = 3;
    private const double Step = 0.2;
    private const double Penalty = 1;

    private readonly DomainColumns _columns;
    private readonly bool[] _isSecond;
    private readonly double[] _scores;
    private readonly double[] _gains;
    private readonly double[] _gradients;
    private readonly double[] _curvatures;
    private readonly int[] _nodes;

    /// <summary>Creates a classifier that has not learned yet.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="isSecond">Which rows are of the second dataset, shape (rows).</param>
    /// <exception cref="ArgumentException">The columns have another number of rows.</exception>
    public DomainClassifier(DomainColumns columns, ReadOnlySpan<bool> isSecond)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Columns.Count > 0 && columns.Columns[0].Bins.Length != isSecond.Length)
            throw new ArgumentException($"The columns have {columns.Columns[0].Bins.Length} rows; {isSecond.Length} were told to be of one of the datasets.", nameof(isSecond));
        (_columns, _isSecond) = (columns, isSecond.ToArray());
        (_scores, _gradients, _curvatures, _nodes) = (new double[isSecond.Length], new double[isSecond.Length], new double[isSecond.Length], new int[isSecond.Length]);
        _gains = new double[columns.Columns.Count];
    }

    /// <summary>Gets how much each column lowered the loss, over all learning so far, shape (<see cref="DomainColumns.Names"/>); each ≥ 0.</summary>
    public IReadOnlyList<double> Gains => _gains;

    /// <summary>Measures how well rows can be told apart.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="isSecond">Which rows are of the second dataset, shape (rows); at least <see cref="Folds"/> of each dataset.</param>
    /// <param name="seed">The seed by which rows are dealt to folds.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The area under the ROC curve, and what the classifier went by.</returns>
    /// <exception cref="ArgumentException">A dataset has fewer rows than there are folds, or the columns have another number of rows.</exception>
    public static DomainSeparation Measure(DomainColumns columns, ReadOnlySpan<bool> isSecond, ulong seed, CancellationToken cancellationToken = default)
    {
        var (classifier, folds, sum) = (new DomainClassifier(columns, isSecond), Deal(isSecond, Folds, seed), 0.0);
        var scores = new double[folds.Length];
        for (var fold = 0; fold < Folds; fold++)
        {
            int[] learned = [.. Enumerable.Range(0, folds.Length).Where(row => folds[row] != fold)];
            int[] judged = [.. Enumerable.Range(0, folds.Length).Where(row => folds[row] == fold)];
            classifier.Learn(learned, cancellationToken);
            foreach (var row in judged) scores[row] = classifier._scores[row];
            sum += ComputeAuc([.. judged.Select(row => (scores[row], classifier._isSecond[row]))]);
        }

        var total = classifier._gains.Sum();
        return new DomainSeparation(sum / Folds, total == 0 ? classifier._gains : [.. classifier._gains.Select(gain => gain / total)]) { Scores = scores, Folds = folds };
    }

    /// <summary>Deals rows to folds at random, to each its share of both datasets.</summary>
    /// <param name="isSecond">Which rows are of the second dataset, shape (rows).</param>
    /// <param name="folds">The number of folds, ≥ 2.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The fold of each row, shape (rows), from 0.</returns>
    /// <exception cref="ArgumentException">A dataset has fewer rows than there are folds.</exception>
    public static int[] Deal(ReadOnlySpan<bool> isSecond, int folds, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 2);
        var (seconds, random, next) = (isSecond.Count(true), new SplitMix64(seed), new int[2]);
        if (Math.Min(seconds, isSecond.Length - seconds) < folds)
            throw new ArgumentException($"{isSecond.Length - seconds} and {seconds} rows cannot be dealt to {folds} folds; give each dataset at least that many.", nameof(isSecond));
        var order = new int[isSecond.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = (int)random.Next((ulong)i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        var dealt = new int[isSecond.Length];
        foreach (var row in order) dealt[row] = next[isSecond[row] ? 1 : 0]++ % folds;
        return dealt;
    }

    /// <summary>Learns from some rows anew, and gives every row its score.</summary>
    /// <param name="rows">The rows to learn from, of both datasets.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The score of every row, shape (rows): log odds of the second dataset; valid until the next call.</returns>
    public ReadOnlySpan<double> Learn(ReadOnlySpan<int> rows, CancellationToken cancellationToken = default)
    {
        var seconds = 0.0;
        foreach (var row in rows) seconds += _isSecond[row] ? 1 : 0;
        if (seconds == 0 || seconds == rows.Length)
            throw new ArgumentException("The rows to learn from are of one dataset only; give some of both.", nameof(rows));
        Array.Fill(_scores, Math.Log(seconds / (rows.Length - seconds)));
        if (_columns.Columns.Count == 0) return _scores;
        var fewest = Math.Clamp(rows.Length / 50, 5, 20);
        for (var tree = 0; tree < Trees; tree++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var row in rows)
            {
                var share = 1 / (1 + Math.Exp(-_scores[row]));
                (_gradients[row], _curvatures[row]) = (share - (_isSecond[row] ? 1 : 0), share * (1 - share));
            }

            Array.Clear(_nodes);
            for (var depth = 0; depth < Depth; depth++) Split(rows, 1 << depth, fewest);
            var sums = new (double Gradient, double Curvature)[1 << Depth];
            foreach (var row in rows) sums[_nodes[row]] = (sums[_nodes[row]].Gradient + _gradients[row], sums[_nodes[row]].Curvature + _curvatures[row]);
            for (var row = 0; row < _scores.Length; row++) _scores[row] -= Step * sums[_nodes[row]].Gradient / (sums[_nodes[row]].Curvature + Penalty);
        }

        return _scores;
    }

    /// <summary>Computes the share of pairs of one row of each dataset in which the row of the second has the higher score; equal scores count half.</summary>
    internal static double ComputeAuc((double Score, bool IsSecond)[] rows)
    {
        Array.Sort(rows, (a, b) => a.Score.CompareTo(b.Score));
        var (below, pairs, seconds) = (0L, 0.0, 0L);
        for (int start = 0, end; start < rows.Length; start = end)
        {
            var (second, first) = (0L, 0L);
            for (end = start; end < rows.Length && rows[end].Score == rows[start].Score; end++)
            {
                if (rows[end].IsSecond) second++;
                else first++;
            }

            pairs += second * (below + (first / 2.0));
            (below, seconds) = (below + first, seconds + second);
        }

        return pairs / ((double)below * seconds);
    }

    /// <summary>Splits each node of a level by its best column, in two for the next level; rows of one without a good split all go left.</summary>
    private void Split(ReadOnlySpan<int> rows, int nodes, int fewest)
    {
        var best = new (double Gain, int Column, ulong Left)[nodes];
        for (var column = 0; column < _columns.Columns.Count; column++)
        {
            var (_, isCategory, bins) = _columns.Columns[column];
            var cells = new Cell[nodes * DomainColumns.MostBins];
            foreach (var row in rows)
            {
                ref var cell = ref cells[(_nodes[row] * DomainColumns.MostBins) + bins[row]];
                cell.Gradient += _gradients[row];
                cell.Curvature += _curvatures[row];
                cell.Rows++;
            }

            for (var node = 0; node < nodes; node++)
            {
                var (gain, left) = FindSplit(cells.AsSpan(node * DomainColumns.MostBins, DomainColumns.MostBins), isCategory, fewest);
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
        Span<int> order = stackalloc int[DomainColumns.MostBins];
        Span<double> keys = stackalloc double[DomainColumns.MostBins];
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
