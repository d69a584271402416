using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>The outcome of one drift test. Its figures are finite, or <see langword="null"/> where there is none.</summary>
/// <param name="Test">The name of the test: <c>kolmogorov-smirnov</c>.</param>
/// <param name="Verdict">What it comes to.</param>
/// <param name="Reason">Why, in one sentence for people.</param>
/// <param name="ReferenceCount">The number of reference values that were present.</param>
/// <param name="CurrentCount">The number of current values that were present.</param>
public sealed record DriftResult(string Test, DriftVerdict Verdict, string Reason, long ReferenceCount, long CurrentCount)
{
    /// <summary>Gets the test's statistic, in the unit that the test names.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite.</exception>
    public double? Statistic { get; init => field = RequireFinite(value); }

    /// <summary>Gets how likely a statistic at least as large is without drift, 0..1; not corrected for the number of tests.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value does not lie between 0 and 1.</exception>
    public double? PValue
    {
        get;
        init => field = value is null or (>= 0 and <= 1) ? value : throw new ArgumentOutOfRangeException(nameof(value), "A p-value of a drift result lies between 0 and 1, or is null when there is none.");
    }

    /// <summary>Gets how large the difference is, whatever the number of values; 0 for none. The test names the scale.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite, or negative.</exception>
    public double? Effect
    {
        get;
        init => field = RequireFinite(value) is not < 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "An effect of a drift result is at least 0, or null when there is none.");
    }

    /// <summary>Gets where the true effect lies; its lower bound is 0 where the data do not tell it from none. <see langword="null"/> where the test has no interval.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is not finite.</exception>
    public ConfidenceInterval? EffectInterval
    {
        get;
        init => field = value is null || (double.IsFinite(value.Value.Lower) && double.IsFinite(value.Value.Upper)) ? value : throw NotFinite();
    }

    /// <summary>Gets the effect from which on the verdict is certain to be drift, for so many values. <see langword="null"/> where the effect alone does not tell, but the p-value.</summary>
    /// <remarks>It is the limit itself where the effect decides. Where the p-value does, a smaller effect may be drift too: by an exact p-value, in an uneven table, or in a report, where the threshold is that of an even share
    /// of the significance and corrections by steps (Holm, Benjamini–Hochberg) leave more to a test when others have found something.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is not finite.</exception>
    public double? Threshold { get; init => field = RequireFinite(value); }

    /// <summary>Gets where the threshold comes from, in words.</summary>
    /// <value>The default value is empty.</value>
    public string ThresholdSource { get; init; } = "";

    /// <summary>Describes the outcome in one line, with the figures of the reason.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"{Test}: {Verdict}. {Reason}";

    private static double? RequireFinite(double? value)
        => value is null || double.IsFinite(value.Value)
            ? value
            : throw NotFinite();

    private static ArgumentOutOfRangeException NotFinite() => new("value", "A figure of a drift result is finite, or null when there is none.");
}
