using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Searches for the slice of rows that a model is worst on: leaves of small trees over one feature, and over two, that predict the loss of a row.</summary>
/// <remarks>
/// One half of the rows is searched, the other half judges what was found, since the worst of many slices is bad by chance on the rows that it was found in. Numbers are divided at
/// bounds, categories into those of large and of small loss.
/// </remarks>
public static class WorstSliceSearch
{
    private const double MinimumRatio = 0.05;
    private const int MaximumDepth = 2;
    private const int PairedFeatures = 5;

    /// <summary>Searches.</summary>
    /// <param name="rows">The rows; their columns of the role Feature, of one element each, are searched.</param>
    /// <param name="outcomes">What the model gave for the rows, in their order.</param>
    /// <param name="options">The metric, the smallest slice, the intervals and the seed that divides the rows; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <returns>The slice; <see langword="null"/> where there are too few rows, no feature tells rows of large loss apart, or predictions that should be probabilities are none.</returns>
    /// <exception cref="ArgumentException">Rows and outcomes differ in number.</exception>
    public static WorstSlice? Find(DataBatch rows, ModelOutcomes outcomes, EvaluationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(outcomes);
        options ??= new EvaluationOptions();
        if (rows.RowCount != outcomes.RowCount) throw new ArgumentException($"There are {rows.RowCount} rows, but {outcomes.RowCount} outcomes.", nameof(outcomes));
        if (outcomes.IsClassification && outcomes.Judged.Predictions.ContainsAnyExceptInRange(0.0, 1.0)) return null;
        var metric = options.SearchedOf(outcomes.Task);
        var (searched, held) = Halve(outcomes, options.Seed);
        var (sample, known) = (rows.Take(searched), outcomes.Select(searched));
        // A slice must have its smallest number of rows in either half.
        var ratio = Math.Max(MinimumRatio, (double)options.MinimumSliceRows / Math.Max(1, searched.Length));
        if (ratio > 0.5) return null;
        var found = new SegmentSearch(sample, known, metric, ratio, MaximumDepth, PairedFeatures).Find(cancellationToken);
        if (found.Count == 0 || !IsWorse(metric, found[0].Score, metric.Compute(known))) return null;
        var rule = SliceRule.Of(found[0]);
        return Judge(rule, metric, metric.Evaluate(known.Select(found[0].Rows)), rows.Take(held), outcomes.Select(held), options, cancellationToken);
    }

    private static WorstSlice Judge(SliceRule rule, OutcomeMetric metric, EvaluationMetric found, DataBatch rows, ModelOutcomes outcomes, EvaluationOptions options, CancellationToken cancellationToken)
    {
        var inside = rule.RowsOf(rows);
        var isInside = new bool[rows.RowCount];
        foreach (var row in inside) isInside[row] = true;
        var slice = outcomes.Select(inside);
        var rest = metric.Evaluate(outcomes.Select([.. Enumerable.Range(0, isInside.Length).Where(row => !isInside[row])]));
        var own = options.Bootstrap is { } bootstrap ? Bootstrap.Evaluate(metric, slice, bootstrap, cancellationToken) : metric.Evaluate(slice);
        double? gap = own.Value is { } value && rest.Value is { } other ? metric.GainOver(other, value) : null;
        var interval = gap is { } known && options.Bootstrap is { } sampled ? GapInterval(outcomes, isInside, known, metric, sampled, cancellationToken) : null;
        return new WorstSlice(rule.Name, rule.Columns, inside.Length, rows.RowCount == 0 ? 0 : (double)inside.Length / rows.RowCount, own, rest, found, gap, interval);
    }

    private static ConfidenceInterval? GapInterval(ModelOutcomes outcomes, bool[] isInside, double gap, OutcomeMetric metric, BootstrapOptions options, CancellationToken cancellationToken)
    {
        var chosen = BoundedRows.Choose(outcomes.RowCount, options, ClassOf, row => isInside[row] ? Math.Max(0, ClassOf(row)) : -1);
        var (some, marks) = chosen is null ? (outcomes, isInside) : (outcomes.Select(chosen), [.. chosen.Select(row => isInside[row])]);
        var gaps = new BootstrapSampler(options).Run(some.RowCount, 1, (counts, own) => own[0] = Gap(counts), cancellationToken)[0];
        if (chosen is not null) BoundedRows.Narrow(gaps, gap, Gap([.. Enumerable.Repeat(1, some.RowCount)]), (double)some.RowCount / outcomes.RowCount);
        return BootstrapSampler.Percentiles(gaps, options.Level);

        int ClassOf(int row) => outcomes.IsClassification ? (int)outcomes.Labels[row] : -1;

        double Gap(int[] counts)
        {
            var (inside, outside) = (Part(counts, true), Part(counts, false));
            return inside.IsDefined && outside.IsDefined ? metric.GainOver(outside.Value, inside.Value) : double.NaN;
        }

        MetricValue Part(int[] counts, bool isIn)
        {
            int[] rows = [.. Enumerable.Range(0, counts.Length).Where(row => counts[row] > 0 && marks[row] == isIn)];
            return metric.Compute(some.Select(rows).WithWeights([.. rows.Select(row => counts[row] * some.GetWeight(row))]));
        }
    }

    private static bool IsWorse(OutcomeMetric metric, double value, MetricValue all) => all.IsDefined && metric.GainOver(all.Value, value) > 0;

    /// <summary>Divides the rows that can be judged into two halves, each in its order.</summary>
    private static (int[] First, int[] Second) Halve(ModelOutcomes outcomes, ulong seed)
    {
        var rows = RowShuffle.Shuffle([.. Enumerable.Range(0, outcomes.RowCount).Where(outcomes.IsJudged)], seed);
        var half = rows.Length / 2;
        return ([.. rows.Take(half).Order()], [.. rows.Skip(half).Order()]);
    }
}
