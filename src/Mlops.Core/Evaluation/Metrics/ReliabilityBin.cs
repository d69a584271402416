namespace Mlops.Evaluation;

/// <summary>Rows of which a class has about the same predicted probability.</summary>
/// <param name="Lower">The lower bound, exclusive but for 0.</param>
/// <param name="Upper">The upper bound, inclusive.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Weight">The sum of their weights.</param>
/// <param name="Predicted">The weighted mean of their probabilities.</param>
/// <param name="Observed">The weighted share of them that are of the class.</param>
internal readonly record struct ReliabilityBin(double Lower, double Upper, long Rows, double Weight, double Predicted, double Observed)
{
    /// <summary>Puts rows that can be judged into bins of equal width on [0, 1], closed at their upper ends; bins without rows are left out.</summary>
    /// <param name="judged">The rows; their predictions are probabilities.</param>
    /// <param name="position">The position of the class.</param>
    /// <param name="bins">The number of bins.</param>
    public static IReadOnlyList<ReliabilityBin> Fill(ModelOutcomes judged, int position, int bins)
    {
        var step = 1.0 / bins;
        var (rows, weights, predicted, observed) = (new long[bins], new double[bins], new double[bins], new double[bins]);
        for (var row = 0; row < judged.RowCount; row++)
        {
            var probability = judged.GetPredictions(row)[position];
            var bin = Math.Clamp((int)(probability * bins), 0, bins - 1);
            if (bin > 0 && probability <= bin * step) bin--;
            var weight = judged.GetWeight(row);
            rows[bin]++;
            weights[bin] += weight;
            predicted[bin] += weight * probability;
            if (judged.Labels[row] == position) observed[bin] += weight;
        }

        return
        [
            .. Enumerable.Range(0, bins).Where(i => rows[i] > 0)
                .Select(i => new ReliabilityBin(i * step, (i + 1) * step, rows[i], weights[i], predicted[i] / weights[i], observed[i] / weights[i])),
        ];
    }

    /// <summary>The expected calibration error: the mean distance between predicted and observed, by weight.</summary>
    /// <remarks>Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht (2015).</remarks>
    public static double ExpectedError(IReadOnlyList<ReliabilityBin> bins)
        => bins.Sum(bin => bin.Weight * Math.Abs(bin.Observed - bin.Predicted)) / bins.Sum(bin => bin.Weight);
}
