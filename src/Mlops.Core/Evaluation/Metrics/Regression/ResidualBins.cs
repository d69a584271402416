namespace Mlops.Evaluation;

/// <summary>Cuts rows, ordered by prediction, into bins of about equal weight.</summary>
internal static class ResidualBins
{
    public static ResidualCurve Fill(ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights, int bins)
    {
        var order = ScoreOrder.Descending(predictions);
        Array.Reverse(order);
        double total = 0;
        foreach (var weight in weights) total += weight;
        var filled = new List<ResidualBin>(bins);
        double passed = 0;
        for (var start = 0; start < order.Length;)
        {
            var end = start;
            // Each bin ends where the share that is due so far is reached; ties are not torn apart.
            var due = total * (filled.Count + 1) / bins * (1 - 1e-12);
            while (end < order.Length && (end == start || passed < due || predictions[order[end]] == predictions[order[end - 1]] || filled.Count == bins - 1)) passed += weights[order[end++]];
            filled.Add(Bin(order.AsSpan(start, end - start), predictions, labels, weights));
            start = end;
        }

        return new ResidualCurve(filled);
    }

    private static ResidualBin Bin(ReadOnlySpan<int> rows, ReadOnlySpan<double> predictions, ReadOnlySpan<double> labels, ReadOnlySpan<double> weights)
    {
        var (residuals, own) = (new double[rows.Length], new double[rows.Length]);
        double weight = 0, predicted = 0, sum = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            residuals[i] = predictions[rows[i]] - labels[rows[i]];
            own[i] = weights[rows[i]];
            weight += own[i];
            predicted += own[i] * predictions[rows[i]];
            sum += own[i] * residuals[i];
        }

        var quantiles = WeightedQuantile.Sort(residuals, own);
        return new ResidualBin(predictions[rows[0]], predictions[rows[^1]], rows.Length, weight, predicted / weight, sum / weight)
        {
            Quantile05 = quantiles.At(0.05),
            Quantile25 = quantiles.At(0.25),
            Median = quantiles.Median(),
            Quantile75 = quantiles.At(0.75),
            Quantile95 = quantiles.At(0.95),
        };
    }
}
