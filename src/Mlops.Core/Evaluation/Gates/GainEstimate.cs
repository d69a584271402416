namespace Mlops.Evaluation;

/// <summary>How much better one model is than another on the same rows, and how sure that is.</summary>
/// <param name="Value">The figure of the one.</param>
/// <param name="OtherValue">The figure of the other.</param>
/// <param name="Gain">How much better the one is, in the metric's unit; 0 where rounding may explain it, NaN where it cannot be told.</param>
/// <param name="Interval">Where the true gain lies; <see langword="null"/> where that was not asked, or cannot be told.</param>
/// <param name="BetterPValue">The probability of such a gain, or a larger one, of a model that is no better; <see langword="null"/> like the interval.</param>
/// <param name="UndefinedReason">Why something cannot be told; <see langword="null"/> where all is.</param>
internal sealed record GainEstimate(MetricValue Value, MetricValue OtherValue, double Gain, ConfidenceInterval? Interval, double? BetterPValue, string? UndefinedReason)
{
    /// <summary>The share of a figure's size up to which two figures are the same: what rounding may leave between models that are equal.</summary>
    public const double EqualRatio = 1e-6;

    /// <summary>Gets the probability of such a loss, or a larger one, of a model that is no worse.</summary>
    public double? WorsePValue { get; init; }

    /// <summary>Gets whether both predict the same for every row, which needs no test.</summary>
    public bool IsSame { get; init; }

    /// <summary>Compares two models.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="one">What the one gave.</param>
    /// <param name="other">What the other gave for the same rows.</param>
    /// <param name="significance">How a gain is told from chance.</param>
    /// <param name="level">The probability of a false alarm on one side; the interval leaves out so much on each side.</param>
    /// <param name="samples">The number of bootstrap samples.</param>
    /// <param name="seed">The seed of the samples.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <exception cref="InvalidOperationException">The method of DeLong was asked for what it cannot judge.</exception>
    public static GainEstimate Of(
        OutcomeMetric metric, ModelOutcomes one, ModelOutcomes other, Significance significance, double level, int samples, ulong seed, CancellationToken cancellationToken)
    {
        var (value, otherValue) = (metric.Compute(one), metric.Compute(other));
        if ((value.UndefinedReason ?? otherValue.UndefinedReason) is { } undefined) return new GainEstimate(value, otherValue, double.NaN, null, null, undefined);
        var gain = metric.GainOver(value.Value, otherValue.Value);
        if (double.IsNaN(gain)) return new GainEstimate(value, otherValue, gain, null, null, "both figures are infinite");
        if (Math.Abs(gain) <= EqualTo(value.Value, otherValue.Value)) gain = 0;
        // The same predictions need no test, and no method of testing can judge a difference without any spread.
        var isSame = one.Predictions.SequenceEqual(other.Predictions);
        if (significance == Significance.None) return new GainEstimate(value, otherValue, isSame ? 0 : gain, null, null, null) { IsSame = isSame };
        if (isSame) return new GainEstimate(value, otherValue, 0, new ConfidenceInterval(0, 0, 1 - (2 * level)), 1, null) { WorsePValue = 1, IsSame = true };
        // A metric of one's own may have that name too.
        var isArea = metric.Name == OutcomeMetrics.RocAuc && metric.Task == ModelTask.BinaryClassification && one.Classes.Count == 2;
        if (significance == Significance.DeLong && !isArea)
            throw new InvalidOperationException($"DeLong's method compares {OutcomeMetrics.RocAuc} of two classes; '{metric.Name}' of these rows is none. Choose {nameof(Significance)}.{nameof(Significance.Bootstrap)}.");
        if (significance == Significance.DeLong || (significance == Significance.Automatic && isArea && one.Weights.IsEmpty))
            return ByDeLong(new GainEstimate(value, otherValue, gain, null, null, null), one, other, level);
        var options = new BootstrapOptions { Samples = samples, Seed = seed, Level = 1 - (2 * level) };
        if (PairedBootstrap.Compare(metric, one, other, out var reason, options, cancellationToken) is not { } difference)
            return new GainEstimate(value, otherValue, gain, null, null, reason);
        return new GainEstimate(value, otherValue, gain, difference.Interval, difference.BetterPValue, null) { WorsePValue = difference.WorsePValue };
    }

    /// <summary>Gets the difference up to which two figures are the same, in the metric's unit.</summary>
    public static double EqualTo(double value, double other) => double.IsFinite(value) && double.IsFinite(other) ? EqualRatio * Math.Max(Math.Abs(value), Math.Abs(other)) : 0;

    private static GainEstimate ByDeLong(GainEstimate estimate, ModelOutcomes one, ModelOutcomes other, double level)
    {
        var areas = DeLong.Of([one, other]);
        if (areas.Compare(0, 1) is not { } comparison) return estimate with { UndefinedReason = areas.UndefinedReason };
        var margin = StandardNormal.Quantile(1 - level) * comparison.StandardError;
        // The normal distribution is symmetric, so that the statistic's own sign tells which tail is half of both.
        var half = comparison.PValue / 2;
        return estimate with
        {
            Interval = new ConfidenceInterval(estimate.Gain - margin, estimate.Gain + margin, 1 - (2 * level)),
            BetterPValue = comparison.Difference > 0 ? half : 1 - half,
            WorsePValue = comparison.Difference < 0 ? half : 1 - half,
        };
    }
}
