using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>Judges how alike the groups of each column are treated by a model of two classes.</summary>
/// <remarks>
/// The largest rate of several groups less the smallest one is above 0 by chance too, the more the smaller the groups are. The intervals take that back (basic bootstrap): one that reaches 0, or 1 of a
/// ratio, says that the groups may be treated alike.
/// </remarks>
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
        var names = new List<string>();
        var cells = GroupFairness.CellsOf(outcomes, LargeGroups(outcomes, column, options.MinimumSliceRows, names), positive: 1);
        int[] rows = [.. Enumerable.Range(0, cells.Length).Where(row => cells[row] >= 0)];
        var all = Count(rows);
        var figures = s_metrics.Select(metric => EvaluationMetric.Of(metric.Name, names.Count < 2 ? MetricValue.Undefined("fewer than two groups have enough rows") : metric.Compute(all), metric.Direction)).ToArray();
        if (options.Bootstrap is { } bootstrap && names.Count >= 2)
        {
            var chosen = BoundedRows.Choose(rows.Length, bootstrap, position => cells[rows[position]]) is { } positions ? [.. positions.Select(position => rows[position])] : rows;
            var samples = new BootstrapSampler(bootstrap).Run(
                chosen.Length, figures.Length,
                (counts, own) =>
                {
                    var sample = Count(chosen, counts);
                    for (var i = 0; i < own.Length; i++) own[i] = s_metrics[i].Compute(sample).ValueOrNull ?? double.NaN;
                },
                cancellationToken);
            var some = chosen == rows ? all : Count(chosen);
            for (var i = 0; i < figures.Length; i++)
            {
                if (figures[i].Value is not { } value) continue;
                if (some != all) BoundedRows.Narrow(samples[i], value, s_metrics[i].Compute(some).ValueOrNull ?? double.NaN, (double)chosen.Length / rows.Length);
                figures[i] = figures[i] with { Interval = BootstrapSampler.Mirrored(samples[i], bootstrap.Level, value, 0, 1) };
            }
        }

        return new FairnessResult(column.Name, all.Rates, figures);

        GroupFairness Count(int[] counted, int[]? draws = null)
        {
            var fairness = new GroupFairness(names);
            for (var i = 0; i < counted.Length; i++)
            {
                if (draws is null || draws[i] > 0) fairness.AddToCell(cells[counted[i]], (draws is null ? 1 : draws[i]) * outcomes.GetWeight(counted[i]));
            }

            return fairness;
        }
    }

    /// <summary>Numbers the groups that are large enough; those without a value are a group. The group of each row, −1 where it is too small.</summary>
    private static int[] LargeGroups(ModelOutcomes outcomes, SliceColumn column, int minimumRows, List<string> names)
    {
        var counts = new int[column.Values.Count + 1];
        for (var row = 0; row < outcomes.RowCount; row++)
        {
            if (outcomes.IsJudged(row)) counts[column.Codes[row] + 1]++;
        }

        var positions = new int[counts.Length];
        Array.Fill(positions, -1);
        foreach (var code in Enumerable.Range(0, column.Values.Count).Append(SliceColumn.Missing))
        {
            if (counts[code + 1] < Math.Max(1, minimumRows)) continue;
            positions[code + 1] = names.Count;
            names.Add(column.NameOf(code));
        }

        var groups = new int[outcomes.RowCount];
        for (var row = 0; row < groups.Length; row++) groups[row] = positions[column.Codes[row] + 1];
        return groups;
    }
}
