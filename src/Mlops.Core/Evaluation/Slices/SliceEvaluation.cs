namespace Mlops.Evaluation;

/// <summary>Judges the rows of each value of the columns by themselves.</summary>
public static class SliceEvaluation
{
    private const string TooFew = "the slice has too few rows";

    /// <summary>Judges slices.</summary>
    /// <param name="data">The outcomes and the columns.</param>
    /// <param name="options">The metrics, the smallest slice and the intervals, which the first metric only gets; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the judging.</param>
    /// <returns>A slice for each value that occurs, in the order of the columns and values, missing values last.</returns>
    public static IReadOnlyList<SliceResult> Evaluate(EvaluationData data, EvaluationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        options ??= new EvaluationOptions();
        var outcomes = data.Outcomes;
        var primary = options.PrimaryOf(outcomes.Task);
        OutcomeMetric[] metrics = [primary, .. (options.Metrics ?? OutcomeMetrics.Of(outcomes.Task)).Where(metric => metric.Name != primary.Name)];
        var total = Weight(outcomes.Judged);
        var slices = new List<SliceResult>();
        foreach (var column in data.SliceColumns)
        {
            var rows = column.GroupRows();
            foreach (var code in Enumerable.Range(0, column.Values.Count).Append(SliceColumn.Missing))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (rows[code + 1].Length == 0) continue;
                var judged = outcomes.Select(rows[code + 1]).Judged;
                var figures = judged.RowCount >= options.MinimumSliceRows
                    ? Judge(judged, metrics, options, cancellationToken)
                    : [.. metrics.Select(metric => EvaluationMetric.Of(metric.Name, MetricValue.Undefined(TooFew), metric.Direction))];
                slices.Add(new SliceResult(column.Name, column.NameOf(code), judged.RowCount, total > 0 ? Weight(judged) / total : 0, figures));
            }
        }

        return slices;
    }

    /// <summary>Orders slices from the worst to the best by their first metric; those without a figure come last.</summary>
    /// <param name="slices">The slices.</param>
    /// <returns>The slices in their new order.</returns>
    public static IReadOnlyList<SliceResult> Rank(IEnumerable<SliceResult> slices)
    {
        ArgumentNullException.ThrowIfNull(slices);
        return
        [
            .. slices.OrderBy(slice => slice.Metrics.Count == 0 || slice.Metrics[0].Value is null)
                .ThenBy(slice => slice.Metrics.Count == 0 || slice.Metrics[0].Value is not { } value ? 0 : slice.Metrics[0].Direction == Tracking.MetricDirection.Minimize ? -value : value),
        ];
    }

    private static EvaluationMetric[] Judge(ModelOutcomes judged, OutcomeMetric[] metrics, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var figures = EvaluationResult.Of(judged, metrics).Metrics.ToArray();
        if (options.Bootstrap is { } bootstrap) figures[0] = Bootstrap.Evaluate(metrics[0], judged, bootstrap, cancellationToken);
        return figures;
    }

    private static double Weight(ModelOutcomes judged)
    {
        if (judged.Weights.Length == 0) return judged.RowCount;
        double sum = 0;
        foreach (var weight in judged.Weights) sum += weight;
        return sum;
    }
}
