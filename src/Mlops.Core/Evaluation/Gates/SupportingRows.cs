namespace Mlops.Evaluation;

/// <summary>Counts the rows by which a figure is really told.</summary>
/// <remarks>Rows of unequal weights count as (Σw)²/Σw² rows of equal ones. Source: L. Kish, "Survey Sampling" (1965).</remarks>
internal static class SupportingRows
{
    /// <summary>Counts all rows.</summary>
    /// <param name="outcomes">The outcomes; rows that cannot be judged do not count.</param>
    public static int CountAll(ModelOutcomes outcomes) => Count(outcomes.Judged, _ => true);

    /// <summary>Counts the rows of the classes that tell a metric (<see cref="OutcomeMetric.Support"/>); <see langword="null"/> where classes do not matter.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="outcomes">The outcomes; rows that cannot be judged do not count.</param>
    public static int? CountOfClasses(OutcomeMetric metric, ModelOutcomes outcomes)
    {
        if (!outcomes.IsClassification || metric.Support == MetricSupport.AllRows) return null;
        var judged = outcomes.Judged;
        int[] counts = [.. Enumerable.Range(0, Math.Max(2, judged.Classes.Count)).Select(position => Count(judged, label => label == position))];
        if (metric.Support == MetricSupport.EveryClass) return counts.Min();
        var most = Array.IndexOf(counts, counts.Max());
        return Count(judged, label => label != most);
    }

    private static int Count(ModelOutcomes judged, Func<double, bool> isCounted)
    {
        double sum = 0, squares = 0;
        var largest = judged.Weights.IsEmpty ? 1 : Largest(judged.Weights);
        for (var row = 0; row < judged.RowCount; row++)
        {
            if (!isCounted(judged.Labels[row])) continue;
            var weight = judged.GetWeight(row) / largest;
            sum += weight;
            squares += weight * weight;
        }

        return squares > 0 ? (int)Math.Round(sum / squares * sum) : 0;
    }

    private static double Largest(ReadOnlySpan<double> weights)
    {
        double largest = 0;
        foreach (var weight in weights) largest = Math.Max(largest, weight);
        return largest > 0 ? largest : 1;
    }
}
