namespace Mlops.Evaluation;

/// <summary>Chooses the score from which on a model of two classes decides for the positive class.</summary>
/// <remarks>
/// Every distinct score is tried, and deciding never; rows of equal score are decided alike. To be chosen on validation rows and judged on others (<see cref="At"/>), since the best of many
/// thresholds looks a little too good on the rows it was chosen on. Time O(n log n).
/// </remarks>
/// <example><code>var chosen = ThresholdChoice.ByCost(validation, new ThresholdCosts(FalsePositive: 1, FalseNegative: 5)); var honest = ThresholdChoice.At(chosen.Threshold, test, costs);</code></example>
public static class ThresholdChoice
{
    /// <summary>Chooses the threshold of the least expected cost; of several the highest one.</summary>
    /// <param name="outcomes">Outcomes of two classes; rows that cannot be judged are left out.</param>
    /// <param name="costs">The costs.</param>
    /// <returns>The threshold and what it comes to on these rows.</returns>
    /// <exception cref="ArgumentException">There are not two classes, no row can be judged, or a cost is not finite.</exception>
    public static ThresholdResult ByCost(ModelOutcomes outcomes, ThresholdCosts costs)
    {
        Check(costs);
        ThresholdResult? best = null;
        foreach (var candidate in Enumerate(outcomes))
        {
            var priced = Price(candidate, costs);
            if (best is null || priced.ExpectedCost < best.ExpectedCost) best = priced;
        }

        return best!;
    }

    /// <summary>Chooses the threshold of the largest recall whose precision reaches a bound; of several the one of the largest precision.</summary>
    /// <param name="outcomes">Outcomes of two classes; rows that cannot be judged are left out.</param>
    /// <param name="minimumPrecision">The bound, 0..1.</param>
    /// <returns>The threshold and what it comes to on these rows; <see langword="null"/> where none reaches the bound.</returns>
    /// <exception cref="ArgumentException">There are not two classes, or no row can be judged; or the bound is none.</exception>
    public static ThresholdResult? ByPrecision(ModelOutcomes outcomes, double minimumPrecision)
    {
        CheckRatio(minimumPrecision, nameof(minimumPrecision));
        return Best(outcomes, result => result.Precision >= minimumPrecision ? result.Recall : null, result => result.Precision);
    }

    /// <summary>Chooses the threshold of the largest precision whose recall reaches a bound; of several the one of the largest recall.</summary>
    /// <param name="outcomes">Outcomes of two classes; rows that cannot be judged are left out.</param>
    /// <param name="minimumRecall">The bound, 0..1.</param>
    /// <returns>The threshold and what it comes to on these rows; <see langword="null"/> where none reaches the bound.</returns>
    /// <exception cref="ArgumentException">There are not two classes, or no row can be judged; or the bound is none.</exception>
    public static ThresholdResult? ByRecall(ModelOutcomes outcomes, double minimumRecall)
    {
        CheckRatio(minimumRecall, nameof(minimumRecall));
        return Best(outcomes, result => result.Recall >= minimumRecall ? result.Precision : null, result => result.Recall);
    }

    /// <summary>Judges a threshold.</summary>
    /// <param name="threshold">The score from which on the positive class is decided for.</param>
    /// <param name="outcomes">Outcomes of two classes; rows that cannot be judged are left out.</param>
    /// <param name="costs">The costs; <see langword="null"/> for none.</param>
    /// <returns>What decisions at it come to.</returns>
    /// <exception cref="ArgumentException">There are not two classes, the threshold is NaN, no row can be judged, or a cost is not finite.</exception>
    public static ThresholdResult At(double threshold, ModelOutcomes outcomes, ThresholdCosts? costs = null)
    {
        if (double.IsNaN(threshold)) throw new ArgumentException("A threshold is a number.", nameof(threshold));
        var judged = Judged(outcomes);
        double truePositives = 0, falsePositives = 0, trueNegatives = 0, falseNegatives = 0;
        for (var row = 0; row < judged.RowCount; row++)
        {
            var (weight, isPositive) = (judged.GetWeight(row), judged.Labels[row] == 1);
            if (judged.GetPredictions(row)[1] >= threshold)
            {
                if (isPositive) truePositives += weight;
                else falsePositives += weight;
            }
            else if (isPositive) falseNegatives += weight;
            else trueNegatives += weight;
        }

        var result = new ThresholdResult(threshold, truePositives, falsePositives, trueNegatives, falseNegatives);
        if (costs is null) return result;
        Check(costs);
        return Price(result, costs);
    }

    /// <summary>Lists what the decisions at every distinct score come to, the highest first; before them those of an infinite threshold, which takes no row.</summary>
    internal static IEnumerable<ThresholdResult> Enumerate(ModelOutcomes outcomes)
    {
        return BinaryScores.Of(Judged(outcomes)).CountsByThreshold()
            .Select(at => new ThresholdResult(at.Threshold, at.TruePositives, at.FalsePositives, at.TrueNegatives, at.FalseNegatives));
    }

    private static ThresholdResult? Best(ModelOutcomes outcomes, Func<ThresholdResult, double?> first, Func<ThresholdResult, double?> second)
    {
        ThresholdResult? best = null;
        foreach (var candidate in Enumerate(outcomes))
        {
            if (first(candidate) is not { } value) continue;
            if (best is null || value > first(best) || (value == first(best) && second(candidate) > second(best))) best = candidate;
        }

        return best;
    }

    private static ModelOutcomes Judged(ModelOutcomes outcomes)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        if (outcomes.Classes.Count != 2)
            throw new ArgumentException($"A threshold decides between two classes; the model tells {outcomes.Classes.Count} apart. Choose a positive class with {nameof(ModelOutcomes)}.{nameof(ModelOutcomes.WithPositiveClass)}.", nameof(outcomes));
        return outcomes.Judged.RowCount > 0 ? outcomes.Judged : throw new ArgumentException("No row has a label, a prediction and a weight, so no threshold can be judged.", nameof(outcomes));
    }

    private static ThresholdResult Price(ThresholdResult result, ThresholdCosts costs) => result with
    {
        ExpectedCost = ((costs.TruePositive * result.TruePositives) + (costs.FalsePositive * result.FalsePositives) + (costs.TrueNegative * result.TrueNegatives) + (costs.FalseNegative * result.FalseNegatives))
            / (result.TruePositives + result.FalsePositives + result.TrueNegatives + result.FalseNegatives),
    };

    private static void Check(ThresholdCosts costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        if (!double.IsFinite(costs.FalsePositive) || !double.IsFinite(costs.FalseNegative) || !double.IsFinite(costs.TruePositive) || !double.IsFinite(costs.TrueNegative))
            throw new ArgumentException("Costs are finite numbers.", nameof(costs));
    }

    private static void CheckRatio(double ratio, string parameter)
    {
        if (ratio is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(parameter, "The bound is from 0 to 1.");
    }
}
