namespace Mlops.Evaluation;

/// <summary>The relevances of a query's items by descending score, with the rank at which each one's tie ends.</summary>
internal sealed class RankedQuery
{
    private readonly double[] _relevance;
    private readonly int[] _tieEnds;

    private RankedQuery(double[] relevance, int[] tieEnds, double weight) => (_relevance, _tieEnds, Weight) = (relevance, tieEnds, weight);

    public double Weight { get; }

    public static RankedQuery Of(ReadOnlySpan<double> relevance, ReadOnlySpan<double> scores, double weight)
    {
        var order = ScoreOrder.Descending(scores);
        var (ranked, ends) = (new double[order.Length], new int[order.Length]);
        for (var i = order.Length - 1; i >= 0; i--)
        {
            ranked[i] = relevance[order[i]];
            ends[i] = i + 1 < order.Length && scores[order[i + 1]] == scores[order[i]] ? ends[i + 1] : i + 1;
        }

        return new RankedQuery(ranked, ends, weight);
    }

    public double Ndcg(int k, RankingGain gain)
    {
        var gains = Array.ConvertAll(_relevance, relevance => gain == RankingGain.Linear ? relevance : Math.Pow(2, relevance) - 1);
        double found = 0;
        for (var start = 0; start < gains.Length && start < k;)
        {
            var (first, end) = (start, _tieEnds[start]);
            double shared = 0, discounts = 0;
            for (; start < end; start++)
            {
                shared += gains[start] / (end - first);
                if (start < k) discounts += Discount(start);
            }

            found += shared * discounts;
        }

        Array.Sort(gains);
        Array.Reverse(gains);
        double best = 0;
        for (var rank = 0; rank < gains.Length && rank < k; rank++) best += gains[rank] * Discount(rank);
        return best > 0 ? found / best : 0;
    }

    public double AveragePrecision(int k)
    {
        double sum = 0, relevant = 0;
        for (var rank = 0; rank < _relevance.Length; rank++)
        {
            if (_relevance[rank] <= 0) continue;
            relevant++;
            if (rank < k) sum += relevant / (rank + 1);
        }

        return relevant > 0 ? sum / Math.Min(relevant, k) : 0;
    }

    public double ReciprocalRank()
    {
        var first = Array.FindIndex(_relevance, relevance => relevance > 0);
        return first < 0 ? 0 : 1.0 / (first + 1);
    }

    /// <summary>The number of relevant items among the first ranks.</summary>
    public double Found(int k)
    {
        double found = 0;
        for (var rank = 0; rank < _relevance.Length && rank < k; rank++)
        {
            if (_relevance[rank] > 0) found++;
        }

        return found;
    }

    private static double Discount(int rank) => 1 / Math.Log2(rank + 2);
}
