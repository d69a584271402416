namespace Mlops.Evaluation;

/// <summary>Counts the rows by which a figure of classes is really told: those of the rarer class.</summary>
internal static class RarerClass
{
    // Means over rows to which a row of either class adds alike: their spread is told by all rows.
    private static readonly string[] s_rowMeans = [OutcomeMetrics.Accuracy, "zero_one_loss"];

    /// <summary>Counts them: of two classes the rows of the rarer one, of more the rows of all but the most frequent one.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="outcomes">The outcomes; rows that cannot be judged do not count.</param>
    /// <returns>The number; <see langword="null"/> where classes do not matter: for predicted numbers, and for the share of right decisions.</returns>
    public static int? CountRows(OutcomeMetric metric, ModelOutcomes outcomes)
    {
        if (!outcomes.IsClassification || s_rowMeans.Contains(metric.Name, StringComparer.Ordinal)) return null;
        var judged = outcomes.Judged;
        var counts = new int[Math.Max(2, judged.Classes.Count)];
        foreach (var label in judged.Labels) counts[(int)label]++;
        return judged.RowCount - counts.Max();
    }
}
