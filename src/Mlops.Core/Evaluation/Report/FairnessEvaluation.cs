using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>Judges how alike the groups of each column are treated by a model of two classes.</summary>
public static class FairnessEvaluation
{
    private static readonly (string Name, MetricDirection Direction, Func<GroupFairness, MetricValue> Compute)[] s_metrics =
    [
        ("demographic_parity_difference", MetricDirection.Minimize, fairness => fairness.DemographicParityDifference()),
        ("demographic_parity_ratio", MetricDirection.Maximize, fairness => fairness.DemographicParityRatio()),
        ("equalized_odds_difference", MetricDirection.Minimize, fairness => fairness.EqualizedOddsDifference()),
        ("equalized_odds_ratio", MetricDirection.Maximize, fairness => fairness.EqualizedOddsRatio()),
        ("equal_opportunity_difference", MetricDirection.Minimize, fairness => fairness.EqualOpportunityDifference()),
        ("accuracy_difference", MetricDirection.Minimize, fairness => fairness.AccuracyDifference()),
    ];

    /// <summary>Judges the columns of outcomes. Groups with fewer rows than the smallest slice are left out, since their rates are chance.</summary>
    /// <param name="data">The outcomes of two classes and the columns.</param>
    /// <param name="options">The smallest slice and the intervals; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the judging.</param>
    /// <returns>A result for each column.</returns>
    /// <exception cref="ArgumentException">The model does not tell two classes apart.</exception>
    public static IReadOnlyList<FairnessResult> Evaluate(EvaluationData data, EvaluationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        options ??= new EvaluationOptions();
        if (data.Outcomes.Task != ModelTask.BinaryClassification || data.Outcomes.Classes.Count != 2)
            throw new ArgumentException($"Fairness is judged of two classes; the model tells {data.Outcomes.Classes.Count} apart. Choose a positive class with {nameof(EvaluationOptions)}.{nameof(EvaluationOptions.PositiveClass)}.", nameof(data));
        return [.. data.SliceColumns.Select(column => Evaluate(data.Outcomes, column, options, cancellationToken))];
    }

    private static FairnessResult Evaluate(ModelOutcomes outcomes, SliceColumn column, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var rows = Read(outcomes, column, options.MinimumSliceRows, out var names);
        var all = new GroupFairness(names);
        foreach (var row in rows) all.Add(row.Group, row.IsPositive, row.IsSelected, row.Weight);
        var figures = s_metrics.Select(metric => EvaluationMetric.Of(metric.Name, names.Count < 2 ? MetricValue.Undefined("fewer than two groups have enough rows") : metric.Compute(all), metric.Direction)).ToArray();
        if (options.Bootstrap is { } bootstrap && names.Count >= 2)
        {
            var samples = new BootstrapSampler(bootstrap).Run(
                rows.Count, figures.Length,
                (counts, own) =>
                {
                    var sample = new GroupFairness(names);
                    for (var i = 0; i < counts.Length; i++)
                    {
                        if (counts[i] > 0) sample.Add(rows[i].Group, rows[i].IsPositive, rows[i].IsSelected, counts[i] * rows[i].Weight);
                    }

                    for (var i = 0; i < own.Length; i++) own[i] = s_metrics[i].Compute(sample).ValueOrNull ?? double.NaN;
                },
                cancellationToken);
            for (var i = 0; i < figures.Length; i++)
            {
                if (figures[i].Value is not null) figures[i] = figures[i] with { Interval = BootstrapSampler.Percentiles(samples[i], bootstrap.Level) };
            }
        }

        return new FairnessResult(column.Name, all.Rates, figures);
    }

    /// <summary>Reads the rows that can be judged, of groups that are large enough; those without a value are a group.</summary>
    private static List<(int Group, bool IsPositive, bool IsSelected, double Weight)> Read(ModelOutcomes outcomes, SliceColumn column, int minimumRows, out List<string> names)
    {
        var counts = new int[column.Values.Count + 1];
        for (var row = 0; row < outcomes.RowCount; row++)
        {
            if (outcomes.IsJudged(row)) counts[column.Codes[row] + 1]++;
        }

        var positions = new int[counts.Length];
        Array.Fill(positions, -1);
        names = [];
        foreach (var code in Enumerable.Range(0, column.Values.Count).Append(SliceColumn.Missing))
        {
            if (counts[code + 1] < Math.Max(1, minimumRows)) continue;
            positions[code + 1] = names.Count;
            names.Add(column.NameOf(code));
        }

        var rows = new List<(int, bool, bool, double)>();
        for (var row = 0; row < outcomes.RowCount; row++)
        {
            var group = positions[column.Codes[row] + 1];
            if (group >= 0 && outcomes.IsJudged(row)) rows.Add((group, outcomes.Labels[row] == 1, outcomes.GetPredictedClass(row) == 1, outcomes.GetWeight(row)));
        }

        return rows;
    }
}
