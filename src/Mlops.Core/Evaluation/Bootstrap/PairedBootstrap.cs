namespace Mlops.Evaluation;

/// <summary>Compares two models on the same rows by the same bootstrap samples, which leaves out what both have in common: rows that are difficult for both.</summary>
/// <remarks>
/// A one-sided p-value is the share of samples on the other side of 0, (1 + their number) / (1 + samples) so that it is never 0; the two-sided one is twice the smaller of both. Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 16.
/// </remarks>
public static class PairedBootstrap
{
    /// <summary>Compares two models.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="outcomes">What the one gave.</param>
    /// <param name="other">What the other gave for the same rows in the same order. Rows that either cannot be judged on are left out.</param>
    /// <param name="undefinedReason">Receives why there is no difference: a figure is undefined for these rows, or for more than half of the samples.</param>
    /// <param name="options">How intervals are made; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>The difference; <see langword="null"/> with the reason in <paramref name="undefinedReason"/> where there is none.</returns>
    /// <exception cref="ArgumentException">The two differ in the number of rows, in labels, in weights or in classes; or an option is out of its range.</exception>
    public static PairedDifference? Compare(
        OutcomeMetric metric, ModelOutcomes outcomes, ModelOutcomes other, out string? undefinedReason, BootstrapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(other);
        options ??= new BootstrapOptions();
        options.Check();
        cancellationToken.ThrowIfCancellationRequested();
        var (one, two, rows, _) = PairedRows.Of(outcomes, other, "the other model");
        var (value, otherValue) = (metric.Compute(one), metric.Compute(two));
        undefinedReason = value.UndefinedReason ?? otherValue.UndefinedReason ?? (rows.Length < 2 ? "one row has no spread" : null);
        if (undefinedReason is not null) return null;
        var chosen = BoundedRows.Choose(
            rows.Length, options,
            row => KindOf(one, row),
            row => one.GetPredictions(row).SequenceEqual(two.GetPredictions(row)) ? -1 : 0,
            row => !one.IsClassification || one.GetPredictedClass(row) == two.GetPredictedClass(row) ? -1 : 0);
        var (some, others) = chosen is null ? (one, two) : (one.Select(chosen), two.Select(chosen));
        var (first, second) = (ResampledOutcomes.Of(some), ResampledOutcomes.Of(others));
        var gains = new BootstrapSampler(options).Run(
            first.Count, 1,
            (counts, own) => own[0] = Gain(metric, first.Take(counts), second.Take(counts)),
            cancellationToken)[0];
        if (chosen is not null) BoundedRows.Narrow(gains, metric.GainOver(value.Value, otherValue.Value), Gain(metric, some, others), (double)chosen.Length / rows.Length);
        if (BootstrapSampler.Percentiles(gains, options.Level) is not { } interval)
        {
            undefinedReason = "it is undefined for more than half of the bootstrap samples";
            return null;
        }

        double[] defined = [.. gains.Where(gain => !double.IsNaN(gain))];
        var (better, worse) = (Share(defined.Count(gain => gain <= 0)), Share(defined.Count(gain => gain >= 0)));
        return new PairedDifference(metric.Name, value.Value, otherValue.Value, metric.GainOver(value.Value, otherValue.Value), interval, Math.Min(1, 2 * Math.Min(better, worse)), rows.Length)
        {
            BetterPValue = better,
            WorsePValue = worse,
        };

        double Share(int count) => (1.0 + count) / (1 + defined.Length);
    }

    /// <summary>The class of a row; predicted numbers have none.</summary>
    private static int KindOf(ModelOutcomes outcomes, int row) => outcomes.IsClassification ? (int)outcomes.Labels[row] : -1;

    private static double Gain(OutcomeMetric metric, ModelOutcomes one, ModelOutcomes two)
    {
        var (value, other) = (metric.Compute(one), metric.Compute(two));
        if (!value.IsDefined || !other.IsDefined) return double.NaN;
        var gain = metric.GainOver(value.Value, other.Value);
        // Rows of the two are summed in different orders: what rounding leaves of equal figures is no difference.
        return Math.Abs(gain) <= 1e-13 * (Math.Abs(value.Value) + Math.Abs(other.Value)) ? 0 : gain;
    }
}
