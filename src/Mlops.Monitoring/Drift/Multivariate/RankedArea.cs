namespace Mlops.Monitoring;

/// <summary>The area under the ROC curve of some rows.</summary>
/// <param name="Auc">The share of pairs of a reference and a current row in which the current one has the higher score; equal scores count half.</param>
/// <param name="Variance">Its variance by DeLong.</param>
/// <param name="ChanceVariance">Its variance over the permutations of the labels, ties taken into account.</param>
internal readonly record struct RankedArea(double Auc, double Variance, double ChanceVariance)
{
    public static RankedArea Compute(double[] scores, bool[] isCurrent, int[] rows)
    {
        var ordered = rows.ToArray();
        Array.Sort(ordered, (a, b) => scores[a].CompareTo(scores[b]));
        double n = rows.Count(row => !isCurrent[row]), m = rows.Length - n;
        double below = 0, belowCurrent = 0, ties = 0, sum = 0, squares = 0, referenceSquares = 0;
        for (int start = 0, end; start < ordered.Length; start = end)
        {
            double reference = 0, current = 0;
            for (end = start; end < ordered.Length && scores[ordered[end]] == scores[ordered[start]]; end++)
            {
                if (isCurrent[ordered[end]]) current++;
                else reference++;
            }

            // The share of the other sample that each row of this score beats.
            var (placement, referencePlacement) = ((below + (reference / 2)) / n, (m - belowCurrent - (current / 2)) / m);
            sum += current * placement;
            squares += current * placement * placement;
            referenceSquares += reference * referencePlacement * referencePlacement;
            double tied = end - start;
            ties += tied * ((tied * tied) - 1);
            (below, belowCurrent) = (below + reference, belowCurrent + current);
        }

        double auc = sum / m, total = n + m;
        double Spread(double squareSum, double count) => count < 2 ? 0.25 : Math.Max(0, (squareSum / count) - (auc * auc)) / (count - 1);
        return new RankedArea(auc, Spread(squares, m) + Spread(referenceSquares, n), (total + 1 - (ties / (total * (total - 1)))) / (12 * n * m));
    }
}
